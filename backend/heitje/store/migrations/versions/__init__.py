# SPDX-License-Identifier: EUPL-1.2
"""One file for each revision."""
