# SPDX-License-Identifier: EUPL-1.2
"""What merchants redeem for euros."""
