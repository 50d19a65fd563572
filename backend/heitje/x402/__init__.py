# SPDX-License-Identifier: EUPL-1.2
"""x402: what a web shop's payment library asks a facilitator, answered with the authorizations the relayer carries."""
