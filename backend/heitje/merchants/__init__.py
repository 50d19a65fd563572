# SPDX-License-Identifier: EUPL-1.2
"""What a shop took: day by day, with what it gave back and what is under way."""
