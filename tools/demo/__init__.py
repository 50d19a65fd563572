# SPDX-License-Identifier: EUPL-1.2
"""One day of a city, lived in front of you. It uses only what the city's people use: `ape run`, HTTP and `heitje`.

It imports nothing of `heitje`, so that whatever works here works for any outside client.
"""
