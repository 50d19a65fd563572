# SPDX-License-Identifier: EUPL-1.2
"""Messages are signed as the published library checks them, and tried again when it is said."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from heitje.webhooks.delivering import RETRIES, delay
from heitje.webhooks.signing import headers, new_secret

BODY = '{"type":"payment.final","name":"caf\u00e9"}'.encode()


def test_a_message_passes_the_published_library_and_a_changed_one_does_not():
    secret, now = new_secret(), int(time.time())
    signed = headers("evt_1", now, BODY, [secret])
    assert Webhook(secret).verify(BODY, signed)["type"] == "payment.final"
    changed = (
        (BODY + b" ", signed),
        (BODY, {**signed, "webhook-id": "evt_2"}),
        (BODY, {**signed, "webhook-timestamp": str(now - 1)}),
    )
    for body, others in changed:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, others)


def test_with_two_secrets_either_will_do():
    secrets = [new_secret(), new_secret()]
    signed = headers("evt_1", int(time.time()), BODY, secrets)
    for secret in secrets:
        Webhook(secret).verify(BODY, signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, signed)


def test_an_old_message_does_not_pass_when_it_is_played_again():
    secret = new_secret()
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(BODY, headers("evt_1", int(time.time()) - 600, BODY, [secret]))


def test_a_secret_is_as_the_specification_writes_it_and_never_twice_the_same():
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) for secret in made} == {32}


@given(st.integers(1, 7), st.floats(-1, 1))
def test_each_pause_is_the_one_of_the_table_give_or_take_a_fifth(failures, jitter):
    pause = delay(failures, RETRIES, jitter)
    assert 0.8 * RETRIES[failures - 1] <= pause <= 1.2 * RETRIES[failures - 1]


def test_after_the_last_pause_there_is_no_attempt_any_more():
    assert RETRIES == (5, 30, 120, 600, 3_600, 21_600, 86_400)
    assert delay(8, RETRIES, 0) is None
