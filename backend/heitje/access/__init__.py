# SPDX-License-Identifier: EUPL-1.2
"""Logging in: sessions by Sign-In with Ethereum, API keys for machines, roles as the chain has them."""
