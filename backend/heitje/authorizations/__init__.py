# SPDX-License-Identifier: EUPL-1.2
"""ERC-3009 authorizations: refunds by shops, vouchers signed offline, and their withdrawal."""
