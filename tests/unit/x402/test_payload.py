# SPDX-License-Identifier: EUPL-1.2
"""Whether an authorization pays what a shop asks, without a chain."""

import copy
import inspect
import re

import pytest

from heitje.authorizations import admission
from heitje.chain.typed_data import Domain
from heitje.problems import Code
from heitje.relay import signatures
from heitje.x402.payload import Refused, read
from heitje.x402.schemas import FacilitatorRequest, Reason
from heitje.x402.service import REASONS

TOKEN, PAYER, SHOP = ("0x" + digit * 40 for digit in "123")
DOMAIN = Domain("Test Heitje", "1", 31_337, TOKEN)
AUTHORIZATION = {
    "from": PAYER,
    "to": SHOP,
    "value": "250",
    "validAfter": "0",
    "validBefore": "1790000000",
    "nonce": "0x" + "5e" * 32,
}
KIND = {"scheme": "exact", "network": "eip155:31337"}
ASKED = {
    **KIND,
    "asset": TOKEN,
    "payTo": SHOP,
    "maxTimeoutSeconds": 60,
    "extra": {"name": "Test Heitje", "version": "1"},
}
PAYLOAD = {"signature": "0x" + "ab" * 65, "authorization": AUTHORIZATION}
SECOND = {
    "x402Version": 2,
    "paymentPayload": {"x402Version": 2, "accepted": KIND, "payload": PAYLOAD},
    "paymentRequirements": {**ASKED, "amount": "250"},
}
FIRST = {
    "x402Version": 1,
    "paymentPayload": {"x402Version": 1, **KIND, "payload": PAYLOAD},
    "paymentRequirements": {**ASKED, "maxAmountRequired": "250", "resource": "https://shop.example"},
}


def changed(request, path, value):
    """The same request, with one thing otherwise; what is set to None is left out."""
    request = copy.deepcopy(request)
    *way, last = path.split("/")
    place = request
    for name in way:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return request


def offer(request):
    return read(FacilitatorRequest.model_validate(request), DOMAIN)


def refusal(request):
    with pytest.raises(Refused) as caught:
        offer(request)
    return caught.value


@pytest.mark.parametrize("request_", [FIRST, SECOND], ids=["version 1", "version 2"])
def test_what_fits_is_the_authorization_that_the_relayer_takes(request_):
    found = offer(request_)
    signed = {**AUTHORIZATION, "validAfter": 0, "validBefore": 1_790_000_000, "signature": PAYLOAD["signature"]}
    assert found.authorization.model_dump(by_alias=True) == signed
    assert found.patience == 20


@pytest.mark.parametrize(("timeout", "patience"), [(15, 5), (600, 20), (0, 0), (None, 20)])
def test_a_settlement_waits_a_third_of_the_shops_time_and_never_long(timeout, patience):
    assert offer(changed(SECOND, "paymentRequirements/maxTimeoutSeconds", timeout)).patience == patience


@pytest.mark.parametrize("extra", [None, {}, {"name": "Test Heitje"}, '{"name": "Test Heitje", "version": "1"}'])
def test_extra_may_be_missing_or_be_text_in_the_first_version(extra):
    assert offer(changed(FIRST, "paymentRequirements/extra", extra)).authorization.value == "250"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("x402Version", 3, Reason.VERSION),
        ("x402Version", 1, Reason.VERSION),
        ("paymentPayload/x402Version", "2", Reason.VERSION),
        ("paymentPayload/accepted/scheme", "upto", Reason.SCHEME),
        ("paymentRequirements/scheme", "upto", Reason.SCHEME),
        ("paymentPayload/accepted/network", "eip155:1", Reason.NETWORK),
        ("paymentRequirements/network", "base", Reason.NETWORK),
        ("paymentRequirements/asset", SHOP, Reason.REQUIREMENTS),
        ("paymentRequirements/extra/name", "USDC", Reason.TOKEN_NAME),
        ("paymentRequirements/extra/version", "2", Reason.TOKEN_VERSION),
        ("paymentRequirements/payTo", PAYER, Reason.RECIPIENT),
        ("paymentRequirements/amount", "249", Reason.VALUE),
        ("paymentRequirements/amount", "251", Reason.VALUE),
    ],
)
def test_what_does_not_fit_is_refused_with_the_protocols_code(path, value, reason):
    refused = refusal(changed(SECOND, path, value))
    assert refused.reason is reason
    assert refused.payer in (None, PAYER)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("paymentPayload/payload", "text", Reason.PAYLOAD),
        ("paymentPayload/payload/signature", None, Reason.PAYLOAD),
        ("paymentPayload/payload/signature", "0x", Reason.PAYLOAD),
        ("paymentPayload/payload/authorization/from", "0x12", Reason.PAYLOAD),
        ("paymentPayload/payload/authorization/value", "2.50", Reason.PAYLOAD),
        ("paymentPayload/payload/authorization/value", str(1 << 48), Reason.PAYLOAD),
        ("paymentPayload/payload/authorization/validBefore", "soon", Reason.PAYLOAD),
        ("paymentPayload/payload/authorization/validBefore", "-1", Reason.PAYLOAD),
        ("paymentPayload/payload/authorization/nonce", "0x5e", Reason.PAYLOAD),
        ("paymentPayload/accepted", None, Reason.PAYLOAD),
        ("paymentRequirements/amount", None, Reason.REQUIREMENTS),
        ("paymentRequirements/maxTimeoutSeconds", -1, Reason.REQUIREMENTS),
        ("paymentRequirements/extra", "no object", Reason.REQUIREMENTS),
    ],
)
def test_what_is_malformed_says_where(path, value, reason):
    refused = refusal(changed(SECOND, path, value))
    assert refused.reason is reason
    assert path.rsplit("/", 1)[-1] in refused.message
    assert "Nothing moved" in refused.message


def test_what_is_not_looked_at_may_be_anything():
    more = changed(SECOND, "paymentPayload/resource", {"url": 5})
    more = changed(more, "paymentPayload/extensions", [None])
    assert offer(changed(more, "paymentRequirements/outputSchema", "x")).authorization.sender == PAYER


def test_every_problem_that_a_voucher_can_have_has_a_reason():
    source = inspect.getsource(admission) + inspect.getsource(signatures)
    codes = {Code[name] for name in re.findall(r"Code\.(\w+)", source)}
    of_refunds = {Code.PAYMENT_UNKNOWN, Code.PAYMENT_NOT_FINAL, Code.REFUND_TOO_LARGE}
    no_verdict = {Code.NODE_UNREACHABLE, Code.NOT_READY}
    assert codes - of_refunds - no_verdict <= REASONS.keys()
    assert not no_verdict & REASONS.keys()
