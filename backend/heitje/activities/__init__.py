# SPDX-License-Identifier: EUPL-1.2
"""What residents can do, what was reported, and what they earned by it."""
