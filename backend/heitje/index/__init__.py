# SPDX-License-Identifier: EUPL-1.2
"""What is true on the chain, in tables: follows it block by block."""
