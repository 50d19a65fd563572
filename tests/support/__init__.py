# SPDX-License-Identifier: EUPL-1.2
"""What tests share: a chain of their own, and a city on it."""
