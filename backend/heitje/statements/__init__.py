# SPDX-License-Identifier: EUPL-1.2
"""The yearly statement of a resident: what was earned, spent and lost in a calendar year, as a PDF to keep."""
