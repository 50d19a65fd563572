# SPDX-License-Identifier: EUPL-1.2
"""What it takes to found a city, as data: the contracts to deploy, and every call that wires them to their roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from eth_utils.address import to_checksum_address
from web3.types import Nonce
from web3.utils import get_create_address

from heitje.chain.abi import load
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.words import Class
from heitje.city.officials import Officials
from heitje.city.profile import Profile
from heitje.city.roles import (
    AUTHORITY,
    DESK,
    DUTIES,
    GUARDED,
    OF_CONTRACTS,
    REGISTRY,
    SEALED_FUNCTIONS,
    TOKEN,
    Role,
)

ORDER: Final = (AUTHORITY, TOKEN, REGISTRY, DESK)
"""Contracts in the order of their deployment."""
DAY: Final = 86_400
"""Seconds."""


@dataclass(frozen=True)
class Dates:
    """The three ends of the scheme, Unix time."""

    issue_until: int
    pay_until: int
    redeem_until: int


def dates_from(profile: Profile, now: int) -> Dates:
    """The ends of the scheme when it is deployed now. Years are calendar years; 29 February becomes 1 March."""
    day = datetime.fromtimestamp(now, UTC)
    year = day.year + profile.wind_down.issue_years
    leap = (day.month, day.day) == (2, 29)
    until = day.replace(year=year, month=3, day=1) if leap else day.replace(year=year)
    issue = int(until.timestamp())
    pay = issue + profile.wind_down.pay_gap
    return Dates(issue, pay, pay + profile.wind_down.redeem_gap)


def addresses_from(deployer: str, nonce: int) -> dict[str, str]:
    """Where the contracts will be when this account deploys them from this nonce on (Yellow Paper, section 7)."""
    sender = to_checksum_address(deployer)
    return {name: str(get_create_address(sender, Nonce(nonce + i))) for i, name in enumerate(ORDER)}


def deployment_data(profile: Profile, dates: Dates, deployer: str, contracts: Mapping[str, str]) -> dict[str, bytes]:
    """The data of the transactions that deploy the contracts, in order."""
    authority, token = contracts[AUTHORITY], contracts[TOKEN]
    terms = {
        "issueUntil": dates.issue_until,
        "payUntil": dates.pay_until,
        "redeemUntil": dates.redeem_until,
        "payGap": profile.wind_down.pay_gap,
        "redeemGap": profile.wind_down.redeem_gap,
        "replacementWindow": profile.objection.replacement_days * DAY,
        "epochMonths": profile.expiry.epoch_months,
    }
    reclaim = (profile.redemption.reclaim_days * DAY, profile.redemption.locked_reclaim_days * DAY)
    arguments: dict[str, tuple[Any, ...]] = {
        AUTHORITY: (deployer,),
        TOKEN: (authority, profile.token.name, profile.token.symbol, terms),
        REGISTRY: (authority, token, ZERO_ADDRESS, profile.months_back, profile.objection.clawback_days * DAY),
        DESK: (authority, token, *reclaim),
    }
    return {name: load(name).deployment(*arguments[name]) for name in ORDER}


def rule_structs(profile: Profile) -> list[dict[str, Any]]:
    """The profile's confirmed rows of limits, as the registry takes them. What is not confirmed never gets there."""
    return [
        {
            "validFrom": row.month,
            "hourlyAdult": row.hourly_adult,
            "hourlyYouth": row.hourly_youth,
            "monthLimit": row.month_limit,
            "yearLimit": row.year_limit,
            "headroom": row.headroom,
            "source": row.source_hash,
        }
        for row in profile.confirmed_rules
    ]


def transfer_rules(profile: Profile) -> dict[tuple[Class, Class], bool]:
    """The two switchable ways of paying, by who pays whom, and whether the profile wants them on."""
    return {
        (Class.RESIDENT, Class.RESIDENT): profile.transfers.resident_to_resident,
        (Class.MERCHANT, Class.MERCHANT): profile.transfers.merchant_to_merchant,
    }


def delay_for(profile: Profile, role: Role, *, rehearsal: bool) -> int:
    """Seconds a member of a role will have to announce what it does; none in a rehearsal."""
    return 0 if rehearsal else profile.delay(role)


def function_roles(contracts: Mapping[str, str]) -> dict[tuple[str, bytes], Role]:
    """The role of every restricted function, by the contract's address and selector."""
    wired = {(contracts[d.contract], load(d.contract).function(d.function).selector): d.role for d in DUTIES}
    manager = {(contracts[AUTHORITY], load(AUTHORITY).function(f).selector): Role.SEALED for f in SEALED_FUNCTIONS}
    return wired | manager


def members_wanted(
    profile: Profile, officials: Officials, contracts: Mapping[str, str], *, rehearsal: bool
) -> dict[tuple[Role, str], int]:
    """Every membership there shall be, with its delay in seconds."""
    wanted = {
        (role, member): delay_for(profile, role, rehearsal=rehearsal)
        for role, members in officials.members.items()
        for member in members
    }
    governing = {(Role.GOVERNANCE, member): delay for (role, member), delay in wanted.items() if role == Role.ADMIN}
    return wanted | governing | {(role, contracts[REGISTRY]): 0 for role in OF_CONTRACTS}


def wiring(
    profile: Profile, officials: Officials, contracts: Mapping[str, str], *, rehearsal: bool
) -> list[tuple[str, tuple[Any, ...]]]:
    """The calls to the authority that give every function its role and every role its members, guardian and name."""
    calls: list[tuple[str, tuple[Any, ...]]] = []
    by_target: dict[tuple[str, Role], list[bytes]] = {}
    for (target, selector), role in function_roles(contracts).items():
        by_target.setdefault((target, role), []).append(selector)
    calls += [("setTargetFunctionRole", (target, sel, role)) for (target, role), sel in by_target.items()]
    calls += [("labelRole", (role, role.name)) for role in Role if role is not Role.ADMIN]
    calls += [("setRoleGuardian", (role, Role.GUARDIAN)) for role in GUARDED]
    wanted = members_wanted(profile, officials, contracts, rehearsal=rehearsal)
    calls += [("grantRole", (role, member, delay)) for (role, member), delay in wanted.items()]
    return calls


def multicalls(calls: Sequence[tuple[str, tuple[Any, ...]]], size: int = 60) -> list[bytes]:
    """Calls to the authority in as few transactions as fit the gas limit."""
    authority = load(AUTHORITY)
    encoded = [authority.encode(name, *args) for name, args in calls]
    parts = [encoded[start : start + size] for start in range(0, len(encoded), size)]
    return [authority.encode("multicall", part) for part in parts]
