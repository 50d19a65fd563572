# SPDX-License-Identifier: EUPL-1.2
"""`python -m heitje` is the command `heitje`."""

from heitje.cli import main

main()
