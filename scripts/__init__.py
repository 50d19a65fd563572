# SPDX-License-Identifier: EUPL-1.2
"""The municipality's scripts: `ape run NAME --help` says what each is for."""
