# SPDX-License-Identifier: EUPL-1.2
"""The audit: every credit of a city, proven from the chain alone."""
