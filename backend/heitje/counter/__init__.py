# SPDX-License-Identifier: EUPL-1.2
"""What happens at the counter: codes by which a new member, or a member with a new phone, shows which wallet it is."""
