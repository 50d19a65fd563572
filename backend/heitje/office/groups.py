# SPDX-License-Identifier: EUPL-1.2
"""Bank payments and the redemptions that each settles, in one line of text, as a page's form carries them.

`<EndToEndId>=<id>,<id>;<EndToEndId>=<id>`: an EndToEndId has none of the three signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from heitje.city.fields import FieldError
from heitje.city.payouts import MOST_IN_ONE, Payout, parse_id

_NAME: Final = re.compile(r"[A-Za-z0-9/\-?:().'+ ]{1,35}")
"""ISO 20022 Max35Text in the SEPA character set (EPC217-08), without the comma."""


def parse_groups(text: str) -> tuple[Payout, ...]:
    """The payouts of a text; numbers and amounts in them are zero, the chain knows them.

    Raises:
        FieldError: It is none, or names something twice, or too much.
    """
    payouts = [_payout(part) for part in text.split(";")]
    names = [payout.end_to_end_id for payout in payouts]
    ids = [name for payout in payouts for name in payout.ids]
    if len(set(names)) < len(names) or len(set(ids)) < len(ids) or len(ids) > MOST_IN_ONE:
        raise FieldError("a reference or a redemption is there twice, or there are too many")
    return tuple(payouts)


def written(payouts: Iterable[Payout]) -> str:
    """The text of payouts."""
    return ";".join(f"{one.end_to_end_id}={','.join('0x' + name.hex() for name in one.ids)}" for one in payouts)


def _payout(text: str) -> Payout:
    name, _, ids = text.partition("=")
    if not _NAME.fullmatch(name):
        raise FieldError(f"{name!r} is not an EndToEndId: 1 to 35 letters, digits and /-?:().'+")
    return Payout(name, 0, 0, tuple(parse_id(part) for part in ids.split(",")))
