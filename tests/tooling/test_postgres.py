# SPDX-License-Identifier: EUPL-1.2
"""What `make test-postgres` says when there is no PostgreSQL."""

import pytest

from tools.postgres import NoPostgres, programs


def test_without_the_package_it_says_how_to_install_it(tmp_path):
    with pytest.raises(NoPostgres, match="apt-get install --no-install-recommends postgresql"):
        programs(tmp_path)


def test_the_newest_version_is_taken(tmp_path):
    for version in ("9.6", "15", "17"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        (folder / "postgres").touch()
    assert programs(tmp_path) == tmp_path / "17" / "bin"
