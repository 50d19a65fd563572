# SPDX-License-Identifier: EUPL-1.2
"""Every table, in SQL that SQLite and PostgreSQL both understand.

The families, and who writes them:

- intake and lane write `operation`, `idempotency`, `lane`, `batch`, `attempt`: what we were asked and what we signed;
- whoever does what only one process may do holds a row of `lease` (a lane has its own lease in its row);
- the index writes `block`, `cursor`, `outcome` and the projections: what is true on the chain, and the state of
  operations that follows from it;
- `event` is what happened, for those who want to be told; the index writes it with the rows it is about, and nobody
  else does: in the order of `seq` they are committed;
- `webhook` and `webhook_delivery` are who wants to be told, and what was sent to them;
- `community` is what people do here that the chain does not keep.

Everything the index writes carries the number of the block it came from and is only ever added, so taking a block back
is deleting its rows. The one exception is `account`, which is read again from the chain.

Amounts are cents, times are Unix seconds, addresses are EIP-55, hashes are lower-case hex with `0x`.
"""

from typing import Final

from heitje.store.tables.blocks import block, cursor, event, outcome
from heitje.store.tables.columns import Words, metadata
from heitje.store.tables.community import (
    activity_description,
    claim,
    claim_photo,
    complaint,
    invitation,
    report_draft,
    sign_up,
)
from heitje.store.tables.earning import activity, attester, correction, programme, programme_cap, reward
from heitje.store.tables.intake import idempotency, operation
from heitje.store.tables.lanes import attempt, batch, lane, lease
from heitje.store.tables.logins import api_key, challenge, login_session
from heitje.store.tables.money import account, authorization, desk, ledger, replacement, rules, transfer
from heitje.store.tables.redeeming import redemption, redemption_step
from heitje.store.tables.webhooks import webhook, webhook_delivery

__all__ = [
    "APPENDED_BY_BLOCK",
    "KEPT_HERE",
    "Words",
    "account",
    "activity",
    "activity_description",
    "api_key",
    "attempt",
    "attester",
    "authorization",
    "batch",
    "block",
    "challenge",
    "claim",
    "claim_photo",
    "complaint",
    "correction",
    "cursor",
    "desk",
    "event",
    "idempotency",
    "invitation",
    "lane",
    "lease",
    "ledger",
    "login_session",
    "metadata",
    "operation",
    "outcome",
    "programme",
    "programme_cap",
    "redemption",
    "redemption_step",
    "replacement",
    "report_draft",
    "reward",
    "rules",
    "sign_up",
    "transfer",
    "webhook",
    "webhook_delivery",
]

KEPT_HERE: Final = (activity_description, sign_up, claim, claim_photo, report_draft, invitation, complaint)
"""What the chain does not know of: it is lost with the database."""

APPENDED_BY_BLOCK: Final = (
    outcome,
    rules,
    transfer,
    ledger,
    programme,
    programme_cap,
    attester,
    activity,
    reward,
    correction,
    authorization,
    replacement,
    desk,
    redemption,
    redemption_step,
)
"""What is deleted, by block number, when blocks are taken back."""
