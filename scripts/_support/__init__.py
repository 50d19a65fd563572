# SPDX-License-Identifier: EUPL-1.2
"""What the scripts share. The name begins with an underscore so that ape takes none of it for a script."""
