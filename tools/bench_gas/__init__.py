# SPDX-License-Identifier: EUPL-1.2
"""What our operations and their peers' cost on one chain, from receipts: `make bench-gas`."""
