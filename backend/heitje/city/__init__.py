# SPDX-License-Identifier: EUPL-1.2
"""The city: its profile, the roles of its officials, the numbers and the register of its members."""
