# SPDX-License-Identifier: EUPL-1.2
"""Payments that residents sign and anyone may carry."""
