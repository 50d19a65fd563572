# SPDX-License-Identifier: EUPL-1.2
"""Heitje: a municipal reward currency."""
