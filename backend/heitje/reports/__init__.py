# SPDX-License-Identifier: EUPL-1.2
"""Reports of who did what: from an organisation's table to what an attester signs and an issuer releases.

`lines` understands the rows of the file, `state` is what the chain says about everything they mention, `check` finds
what is wrong, `compose` makes reports of the rest, `file` is the signed report on its way from attester to issuer.
Nothing here signs or sends.
"""
