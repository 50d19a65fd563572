# SPDX-License-Identifier: EUPL-1.2
"""The published ERC-20 suite is run as it is, but for what is said to be left out."""

import re

import pytest

from tools.published_suite import ERRORS, LEFT_OUT, SUITE, fitted


def test_every_test_of_the_published_suite_is_run_or_said_to_be_left_out() -> None:
    source = SUITE.read_text(encoding="utf-8")
    published = re.findall(r"function (test\w+)\(", source)
    text, count = fitted(source)
    assert count == 27
    assert count == len([name for name in published if name not in LEFT_OUT])
    assert len(re.findall(r"function test\w+\(", text)) == count


def test_a_test_that_expects_to_fail_says_for_which_error() -> None:
    text, _ = fitted(SUITE.read_text(encoding="utf-8"))
    assert "testFail" not in text
    for what, error in ERRORS.items():
        # Once with fixed and once with random inputs.
        assert len(re.findall(rf"function testRevert{what}\(", text)) == 2
        assert f"{error}.selector" in text


def test_another_edition_of_the_suite_is_refused() -> None:
    source = SUITE.read_text(encoding="utf-8").replace("testMetadata", "testNames")
    with pytest.raises(ValueError, match="has changed"):
        fitted(source)
