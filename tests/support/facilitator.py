# SPDX-License-Identifier: EUPL-1.2
"""What shops send to a facilitator of x402, written by hand, as the specification has it."""

from typing import Any

from tests.support.acts import authorization_body
from tests.support.city import City


def asked(city: City, shop: int, cents: int, *, version: int = 2, patience: int = 60, **others: Any) -> dict[str, Any]:
    """A shop's requirements; any of their fields can be given otherwise."""
    domain = city.domains["token"]
    amount = {"amount": str(cents)}
    if version == 1:
        amount = {"maxAmountRequired": str(cents), "resource": "https://shop.example/article"}
    return {
        "scheme": "exact",
        "network": f"eip155:{city.chain_id}",
        "asset": domain.contract,
        "payTo": city.address_of(shop),
        "maxTimeoutSeconds": patience,
        "extra": {"name": domain.name, "version": domain.version},
        **amount,
        **others,
    }


def offered(authorization: dict[str, Any], requirements: dict[str, Any], version: int = 2) -> dict[str, Any]:
    """What is sent to the facilitator, for an authorization in the API's form."""
    signed = {name: str(value) for name, value in authorization.items() if name != "signature"}
    payload = {"signature": authorization["signature"], "authorization": signed}
    chosen = {"scheme": requirements["scheme"], "network": requirements["network"]}
    if version == 1:
        head: dict[str, Any] = {"x402Version": 1, **chosen, "payload": payload}
    else:
        head = {"x402Version": 2, "accepted": requirements, "payload": payload}
    return {"x402Version": version, "paymentPayload": head, "paymentRequirements": requirements}


def sale(
    city: City, payer: int, shop: int, cents: int, nonce: bytes, *, version: int = 2, patience: int = 60, **others: Any
) -> dict[str, Any]:
    """A good sale: what the buyer signed fits what the shop asks. `others` are as `authorization_body` takes them."""
    authorization = authorization_body(city, payer, shop, cents, nonce, **others)
    return offered(authorization, asked(city, shop, cents, version=version, patience=patience), version)
