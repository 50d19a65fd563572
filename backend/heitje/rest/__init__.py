# SPDX-License-Identifier: EUPL-1.2
"""What all endpoints share: fields, bodies, cursors, health."""
