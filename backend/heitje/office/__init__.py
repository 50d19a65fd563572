# SPDX-License-Identifier: EUPL-1.2
"""What officials do: from an act and its particulars to what their wallet signs, and what became of it on the chain.

Nothing here decides who may do what: the authority does. What it would refuse is found out before anybody signs.
"""
