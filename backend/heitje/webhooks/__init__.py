# SPDX-License-Identifier: EUPL-1.2
"""Telling others' servers what happened to their account, as Standard Webhooks has it."""
