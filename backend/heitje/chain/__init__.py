# SPDX-License-Identifier: EUPL-1.2
"""The chain: how to reach it, what it says, and what is signed for it. Pure but for `node`."""
