# SPDX-License-Identifier: EUPL-1.2
"""Compares a city on the chain with what it should be: every function's role, every member, every delay, every rule.

Nothing is taken from what the deployment did: all of it is asked of the chain. Which functions are restricted is found
out by calling each one as a stranger, so that one that is missing from our tables is noticed as well.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from heitje.chain.abi import load
from heitje.chain.addresses import to_address
from heitje.chain.events import RoleGranted, RoleRevoked
from heitje.chain.words import Account, Class
from heitje.city.officials import Officials
from heitje.city.profile import Profile
from heitje.city.roles import AUTHORITY, DESK, DUTIES, GUARDED, OF_THE_AUTHORITY, REGISTRY, TOKEN, Role
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.founding import DAY, function_roles, members_wanted, rule_structs, transfer_rules
from scripts._support.limits import in_force
from scripts._support.rpc import Refused

_STRANGER = "0x000000000000000000000000000000000000dEaD"
_RESTRICTED = ("AccessManagedUnauthorized", "AccessManagedRequiredDelay")


def differences(
    city: CityChain, profile: Profile, officials: Officials, deployer: str, *, rehearsal: bool, finished: bool
) -> list[str]:
    """What is not as it should be, in words; empty when all is well.

    Args:
        city: the city, as of its block.
        profile: of this city.
        officials: who shall hold which role.
        deployer: who must hold nothing.
        rehearsal: whether delays were left out.
        finished: whether the deployer has renounced; before that it alone is ADMIN besides the officials.
    """
    wanted = members_wanted(profile, officials, city.deployment.contracts, rehearsal=rehearsal)
    if not finished:
        wanted = wanted | {(Role.ADMIN, deployer): 0}
    return [
        *_functions(city),
        *_members(city, wanted),
        *_to_come(city),
        *_guardians(city),
        *_contracts(city, profile),
        *_transfers(city, profile),
        *(_deployer(city, deployer) if finished else ()),
    ]


def _functions(city: CityChain) -> Iterator[str]:
    roles = function_roles(city.deployment.contracts)
    actual = city.read_many([Call(AUTHORITY, "getTargetFunctionRole", key) for key in roles])
    for (target, selector), found in zip(roles, actual, strict=True):
        role = roles[(target, selector)]
        if found != role:
            yield f"function 0x{selector.hex()} of {target} belongs to role {_name(found)}, not to {role.name}"
    tables = {(d.contract, load(d.contract).function(d.function).signature) for d in DUTIES if not d.signed}
    for contract in (TOKEN, REGISTRY, DESK):
        restricted = set(restricted_functions(city, contract))
        known = {signature for name, signature in tables if name == contract}
        yield from (f"{contract}.{f} is restricted but has no role, so it is ADMIN's" for f in restricted - known)
        yield from (f"{contract}.{f} should be restricted, but anybody may call it" for f in known - restricted)


def restricted_functions(city: CityChain, contract: str) -> list[str]:
    """Signatures of the functions that refuse a stranger by the authority's rules, found out by trying each."""
    interface = load(contract)
    changing = [
        item
        for item in interface.abi
        if item["type"] == "function" and item["stateMutability"] == "nonpayable" and item["name"] != OF_THE_AUTHORITY
    ]
    entries = [e for e in interface.entries("function") if any(_same(e.signature, item) for item in changing)]
    calls = []
    for entry in entries:
        data = interface.encode(entry.signature, *(_zero(part) for part in entry.inputs))
        call = {"from": _STRANGER, "to": city.address(contract), "data": "0x" + data.hex()}
        calls.append(("eth_call", [call, hex(city.block)]))
    answers = city.rpc.batch(calls)
    return [
        entry.signature
        for entry, answer in zip(entries, answers, strict=True)
        if isinstance(answer, Refused) and answer.revert and answer.revert.name in _RESTRICTED
    ]


def _same(signature: str, item: Mapping[str, Any]) -> bool:
    return signature.partition("(")[0] == str(item["name"])


def _zero(component: Mapping[str, Any]) -> Any:
    """A value of a type that is all zeros."""
    kind: str = component["type"]
    if kind.endswith("]"):
        return []
    if kind == "tuple":
        return tuple(_zero(part) for part in component["components"])
    if kind == "address":
        return "0x" + "00" * 20
    if kind.startswith("bytes"):
        return b"" if kind == "bytes" else bytes(int(kind[5:]))
    return {"bool": False, "string": ""}.get(kind, 0)


def _ever_granted(city: CityChain) -> list[tuple[int, str]]:
    """Every membership there ever was, from the authority's events."""
    granted = city.events(AUTHORITY, "RoleGranted(uint64,address,uint32,uint48,bool)")
    revoked = city.events(AUTHORITY, "RoleRevoked(uint64,address)")
    return sorted({(e.role, e.account) for e, _ in [*granted, *revoked] if isinstance(e, RoleGranted | RoleRevoked)})


def members_on_chain(city: CityChain) -> dict[tuple[int, str], int]:
    """Every membership there is, with its delay: from the authority's events, then asked of the authority."""
    pairs = _ever_granted(city)
    answers = city.read_many([Call(AUTHORITY, "hasRole", pair) for pair in pairs])
    return {pair: int(delay) for pair, (member, delay) in zip(pairs, answers, strict=True) if member}


def _members(city: CityChain, wanted: Mapping[tuple[Role, str], int]) -> Iterator[str]:
    actual = members_on_chain(city)
    for (role, member), delay in wanted.items():
        if (role, member) not in actual:
            yield f"{member} should be {role.name}, but is not"
        elif actual[(role, member)] != delay:
            yield f"{member} is {role.name} with a delay of {actual[(role, member)]} seconds, not {delay}"
    for number, member in actual:
        if (Role(number), member) not in wanted:
            yield f"{member} is {_name(number)}, but should not be"


def _to_come(city: CityChain) -> Iterator[str]:
    """What was decided and takes effect by itself later: `hasRole` does not tell yet."""
    pairs = _ever_granted(city)
    members = members_on_chain(city)
    answers = city.read_many([Call(AUTHORITY, "getAccess", pair) for pair in pairs])
    for (role, member), access in zip(pairs, answers, strict=True):
        since, _, delay, effect = access.values() if isinstance(access, dict) else access
        if since and (role, member) not in members:
            yield f"{member} will be {_name(role)} by itself, but should not be"
        if effect:
            yield f"{member} is {_name(role)} and its delay will be {delay} seconds by itself"


def _guardians(city: CityChain) -> Iterator[str]:
    roles = [role for role in Role if role is not Role.ADMIN]
    guardians = city.read_many([Call(AUTHORITY, "getRoleGuardian", (role,)) for role in roles])
    admins = city.read_many([Call(AUTHORITY, "getRoleAdmin", (role,)) for role in roles])
    for role, guardian, admin in zip(roles, guardians, admins, strict=True):
        wanted = Role.GUARDIAN if role in GUARDED else Role.ADMIN
        if guardian != wanted:
            yield f"the guardian of {role.name} is {_name(guardian)}, not {wanted.name}"
        if admin != Role.ADMIN:
            yield f"{role.name} is given out by {_name(admin)}, not by ADMIN"


def _contracts(city: CityChain, profile: Profile) -> Iterator[str]:
    for contract in (TOKEN, REGISTRY, DESK):
        if to_address(city.read(contract, "authority")) != city.address(AUTHORITY):
            yield f"{contract} obeys another authority"
    for contract in (REGISTRY, DESK):
        if to_address(city.read(contract, "token")) != city.address(TOKEN):
            yield f"{contract} works with another token"
    if (city.read(TOKEN, "name"), city.read(TOKEN, "symbol")) != (profile.token.name, profile.token.symbol):
        yield "the token has another name or symbol than the profile says"
    (word,) = city.read(TOKEN, "wordsOf", [city.address(DESK)])
    if Account.from_word(word).holder_class != Class.DESK:
        yield "the desk has not been made a desk"
    wanted = {
        (REGISTRY, "monthsBack"): profile.months_back,
        (REGISTRY, "clawbackWindow"): profile.objection.clawback_days * DAY,
        (TOKEN, "replacementWindow"): profile.objection.replacement_days * DAY,
        (TOKEN, "epochMonths"): profile.expiry.epoch_months,
        (DESK, "reclaimAfter"): profile.redemption.reclaim_days * DAY,
        (DESK, "lockedReclaimAfter"): profile.redemption.locked_reclaim_days * DAY,
    }
    for (contract, name), value in wanted.items():
        found = city.read(contract, name)
        if found != value:
            yield f"{name} of {contract} is {found}, and the profile says {value}"
    rows = rule_structs(profile)
    count = city.read(REGISTRY, "counts")[2]
    actual = city.read_many([Call(REGISTRY, "ruleAt", (row,)) for row in range(count)])
    months = {row["validFrom"] for row in [*actual, *rows]}
    if any(in_force(actual, month) != in_force(rows, month) for month in months):
        yield "the limits in force are not those of the profile"


def _transfers(city: CityChain, profile: Profile) -> Iterator[str]:
    matrix = city.read(TOKEN, "rules")[0]
    for (payer, payee), wanted in transfer_rules(profile).items():
        if bool(matrix >> (8 * payer + payee) & 1) != wanted:
            found, said = ("may not", "may") if wanted else ("may", "may not")
            yield f"{payer.name.lower()}s {found} pay each other, but the profile says they {said}"


def _deployer(city: CityChain, deployer: str) -> Iterator[str]:
    answers = city.read_many([Call(AUTHORITY, "hasRole", (role, deployer)) for role in Role])
    for role, (member, _) in zip(Role, answers, strict=True):
        if member:
            yield f"the deployer {deployer} still is {role.name}"


def _name(number: int) -> str:
    return Role(number).name if number in list(Role) else f"role {number}"
