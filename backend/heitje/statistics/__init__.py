# SPDX-License-Identifier: EUPL-1.2
"""What the city's credits did, month by month, so coarse that nobody can be recognised in it."""
