# SPDX-License-Identifier: EUPL-1.2
"""Load: what the service does per second, measured from outside. `make bench` runs it; nothing here is a test."""
