# SPDX-License-Identifier: EUPL-1.2
"""Rights of the people in the register: to see what is known of them, and to be erased (GDPR, articles 15 to 20)."""
