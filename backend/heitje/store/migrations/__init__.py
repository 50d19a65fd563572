# SPDX-License-Identifier: EUPL-1.2
"""How the tables came to be what they are, revision by revision."""
