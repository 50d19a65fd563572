# SPDX-License-Identifier: EUPL-1.2
"""Carries to the chain what others signed: intake, queue, batches, lane."""
