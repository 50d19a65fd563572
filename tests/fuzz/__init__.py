# SPDX-License-Identifier: EUPL-1.2
"""Every operation of the HTTP API, asked everything its description allows and much that it does not."""
