# SPDX-License-Identifier: EUPL-1.2
"""The faces: pages for residents, shops, officials and everybody, rendered here from what the domains' services say."""
