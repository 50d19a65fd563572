# SPDX-License-Identifier: EUPL-1.2
"""What happened, for those who want to be told."""
