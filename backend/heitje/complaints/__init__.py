# SPDX-License-Identifier: EUPL-1.2
"""Complaints of members, and what officials answered."""
