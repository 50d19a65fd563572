# SPDX-License-Identifier: EUPL-1.2
"""Accounts, and every move of credits."""
