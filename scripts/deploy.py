# SPDX-License-Identifier: EUPL-1.2
"""Founds a city: deploys the four contracts, gives every function its role and every role its members, checks it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from heitje.chain.abi import load
from heitje.chain.calendar import month_of
from heitje.chain.words import Account, Class
from heitje.city.officials import Officials, OfficialsError, parse_officials
from heitje.city.profile import Profile, ProfileError, load_profile, profile_text
from heitje.city.roles import AUTHORITY, DESK, OFFICES, REGISTRY, TOKEN, Role
from heitje.reports.problems import euros
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, progress, say, show_table, warn
from scripts._support.documents import Deployment, keep_profile, profile_beside, read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.founding import (
    ORDER,
    Dates,
    addresses_from,
    dates_from,
    delay_for,
    deployment_data,
    multicalls,
    rule_structs,
    transfer_rules,
    wiring,
)
from scripts._support.inspection import differences
from scripts._support.keys import Key
from scripts._support.rpc import Rpc
from scripts._support.script import DEPLOYMENT, Script, account_option, node_of
from scripts._support.sending import Sender, Transaction

HELP = """Found a city on the chain.

Deploys the authority, the token, the registry and the redemption desk of a city profile, adds its limits of the
volunteer compensation, gives every role to the addresses in the officials file, gives up every right of the deployer,
and then asks the chain whether all of that is really so.

\b
The officials file (TOML) lists addresses per role; every role needs one, treasurer two:
  [roles]
  admin = ["0x…"]
  rules = ["0x…"]      programme = ["0x…"]   registrar = ["0x…"]   replacer = ["0x…"]
  issuer = ["0x…"]     treasurer = ["0x…", "0x…"]                  clawback = ["0x…"]
  guardian = ["0x…"]   unpauser = ["0x…"]

If it is cut off, run the same command again: beside the deployment file stands FILE.part, which says what was begun,
and the rest is done. Until the deployment file is there, nobody but the deployer has any right in what was begun, so a
half-made city that is left behind does no harm. A finished one is never deployed again: it is checked.
"""


@dataclass(frozen=True)
class Begun:
    """What was begun, as FILE.part says: from which nonce, with which dates and inputs, on which chain."""

    chain_id: int
    genesis: str
    deployer: str
    nonce: int
    block: int
    inputs: str
    dates: Dates

    @classmethod
    def read(cls, path: Path) -> "Begun | None":
        """What FILE.part says; None if there is none, or it cannot be read."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{**document, "dates": Dates(**document["dates"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None


@click.command(cls=Script, help=HELP, short_help="Found a city: contracts, roles, rules")
@click.option("--dry-run", is_flag=True, help="Check and show everything, then stop.")
@click.option("--yes", is_flag=True, help="Do not ask; for machines.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=DEPLOYMENT,
    show_default=True,
    help="The deployment file to write. All other scripts read it.",
)
@click.option(
    "--rehearsal",
    is_flag=True,
    help="No delays, and short times to object are taken. Never for a city with real money.",
)
@click.option(
    "--officials",
    "officials_path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="Who holds which role (TOML).",
)
@click.option(
    "--profile",
    "profile_name",
    required=True,
    help="The city: a name, or the path of a TOML file.",
)
@account_option("It pays nothing, deploys, and holds no right afterwards.")
def cli(
    provider: Any,
    account: str,
    profile_name: str,
    officials_path: Path,
    out: Path,
    *,
    rehearsal: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    profile, officials, inputs = _inputs(profile_name, officials_path, rehearsal=rehearsal)
    text = profile_text(profile_name)[0]
    key = Key(account)
    if officials.roles_of(key.address):
        names = ", ".join(role.name for role in officials.roles_of(key.address))
        raise Stop(
            Code.PROBLEMS, f"The deployer {key.address} is in the officials file ({names}); it must hold nothing."
        )
    rpc = node_of(provider)
    founder = Founder(rpc, key, profile, officials, out, inputs, rehearsal=rehearsal)
    founder.refuse_or_check_existing(text, dry_run=dry_run)
    sender = Sender(rpc, founder.chain_id, key)
    sender.settle_down()
    begun = founder.begin_or_continue(sender.next_nonce())
    where = f"chain {founder.chain_id} at {rpc.url}"
    say(f"To be founded on {where}.")
    _show(profile, officials, begun, rehearsal=rehearsal)
    _show_limits(profile, founder.now())
    _show_transfers(profile)
    confirm(f"Found {profile.name} on {where}?", yes=yes, dry_run=dry_run)
    write_json(founder.part, asdict(begun))
    keep_profile(out, profile.id, text)
    founder.found(begun, sender)
    say(f"{profile.name} is founded and checked: {out}")


def _inputs(profile_name: str, officials_path: Path, *, rehearsal: bool) -> tuple[Profile, Officials, str]:
    try:
        profile = load_profile(profile_name, real_money=not rehearsal)
        text = officials_path.read_text(encoding="utf-8")
        officials = parse_officials(text, str(officials_path))
    except (ProfileError, OfficialsError, UnicodeDecodeError) as error:
        raise Stop(Code.PROBLEMS, str(error)) from error
    everything = "\0".join([profile_text(profile_name)[0], text, str(rehearsal)])
    return profile, officials, hashlib.sha256(everything.encode()).hexdigest()


class Founder:
    """Founds one city, or goes on where an earlier run was cut off."""

    def __init__(
        self, rpc: Rpc, key: Key, profile: Profile, officials: Officials, out: Path, inputs: str, *, rehearsal: bool
    ) -> None:
        self._rpc = rpc
        self._key = key
        self._profile = profile
        self._officials = officials
        self._out = out
        self._inputs = inputs
        self._rehearsal = rehearsal
        self.part = out.with_name(out.name + ".part")
        self.chain_id = int(rpc.call("eth_chainId"), 16)

    def now(self) -> int:
        """The chain's clock, Unix time."""
        return int(self._rpc.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def refuse_or_check_existing(self, text: str, *, dry_run: bool) -> None:
        """A finished city is not founded twice: it is checked. Its profile, of this text, is kept if it was not yet.

        Raises:
            Stop: there is a deployment file.
        """
        if not self._out.exists():
            return
        city = CityChain.connect(self._rpc, read_deployment(self._out))
        found = self._differences(city, finished=True)
        if found:
            differs = f"{self._out} is there, but that city is not as these files say. Nothing was changed."
            raise Stop(Code.MISMATCH, differs, found)
        if not dry_run:
            if not profile_beside(self._out).exists():
                keep_profile(self._out, self._profile.id, text)
            self.part.unlink(missing_ok=True)
        raise Stop(Code.DONE, f"{self._out} is there, and the city is as these files say. Nothing was left to do.")

    def begin_or_continue(self, nonce: int) -> Begun:
        """What an earlier run began on this chain, or a new beginning.

        Raises:
            Stop: an earlier run with other files was cut off on this chain.
        """
        genesis = self._rpc.call("eth_getBlockByNumber", "0x0", False)["hash"]
        latest = self._rpc.call("eth_getBlockByNumber", "latest", False)
        dates = dates_from(self._profile, int(latest["timestamp"], 16))
        block = int(latest["number"], 16)
        new = Begun(self.chain_id, genesis, self._key.address, nonce, block, self._inputs, dates)
        begun = Begun.read(self.part)
        if begun is None or (begun.chain_id, begun.genesis) != (self.chain_id, genesis):
            return new
        if (begun.deployer, begun.inputs) != (self._key.address, self._inputs):
            text = (
                f"{self.part} says that a deployment with other files or another account was cut off. Run that again,"
                f" or delete {self.part} to leave the half-made city behind: it does no harm."
            )
            raise Stop(Code.PROBLEMS, text)
        made = self._made(begun)
        if made < len(ORDER) and nonce != begun.nonce + made:
            warn("The account was used for something else meanwhile; what was begun is left behind, a new city begins.")
            return new
        say(f"Going on with what was cut off: {made} of {len(ORDER)} contracts are there.")
        return begun

    def _made(self, begun: Begun) -> int:
        addresses = addresses_from(begun.deployer, begun.nonce).values()
        codes = self._rpc.batch([("eth_getCode", [address, "latest"]) for address in addresses])
        return sum(code not in ("0x", None) for code in codes)

    def found(self, begun: Begun, sender: Sender) -> None:
        """Deploys what is missing, wires it, checks it, gives up the deployer's rights, and checks again.

        Raises:
            Stop: refused, unknown, or not as it should be.
        """
        contracts = addresses_from(begun.deployer, begun.nonce)
        with progress() as bar:
            task = bar.add_task("Founding", total=len(ORDER) + 3)
            data = deployment_data(self._profile, begun.dates, self._key.address, contracts)
            missing = [Transaction(f"deploy {name}", None, data[name]) for name in ORDER[self._made(begun) :]]
            bar.advance(task, len(ORDER) - len(missing))
            sender.send_all([self._with_gas(sender, item) for item in missing], done=lambda: bar.advance(task))
            deployment = Deployment(self._profile.id, self.chain_id, begun.block + 1, contracts)
            city = CityChain.connect(self._rpc, deployment)
            self._set_up(city, sender)
            bar.advance(task)
            self._give_up(city, sender)
            bar.advance(task)
            city.refresh()
            self._must_be_right(city, finished=True)
            bar.advance(task)
        block = self._rpc.call("eth_getBlockByNumber", hex(self._first_block(city, deployment)), False)
        write_json(self._out, Deployment(deployment.city, self.chain_id, int(block["number"], 16), contracts).as_json())
        self.part.unlink(missing_ok=True)

    @staticmethod
    def _with_gas(sender: Sender, item: Transaction) -> Transaction:
        return Transaction(item.what, item.to, item.data, sender.check(item))

    @staticmethod
    def _first_block(city: CityChain, deployment: Deployment) -> int:
        """The block of the authority's first event, or of the token, whichever is earlier: where to begin reading."""
        granted = city.events(AUTHORITY, "RoleGranted(uint64,address,uint32,uint48,bool)")
        blocks = [int(log["blockNumber"], 16) for _, log in granted]
        return min([*blocks, int(city.read(TOKEN, "deployBlock")), deployment.deploy_block + 10**9])

    def _set_up(self, city: CityChain, sender: Sender) -> None:
        """Everything the deployer does as ADMIN without delay: rows of limits, the desk, the wiring."""
        if not self._is_admin(city):
            return
        registry, token = city.address(REGISTRY), city.address(TOKEN)
        have = city.read(REGISTRY, "counts")[2]
        rows = [load(REGISTRY).encode("addRule", row) for row in rule_structs(self._profile)[have:]]
        steps = [Transaction("add a row of limits", registry, data) for data in rows]
        switched = [load(TOKEN).encode("setTransferRule", *who, True) for who in self._to_switch_on(city)]
        steps += [Transaction("switch on a way of paying", city.address(TOKEN), data) for data in switched]
        (word,) = city.read(TOKEN, "wordsOf", [city.address(DESK)])
        if Account.from_word(word).holder_class != Class.DESK:
            data = load(TOKEN).encode("setDesk", city.address(DESK), True)
            steps.append(Transaction("make the desk a desk", token, data))
        calls = wiring(self._profile, self._officials, city.deployment.contracts, rehearsal=self._rehearsal)
        wires = [Transaction("give the roles", city.address(AUTHORITY), data) for data in multicalls(calls)]
        sender.send_all([self._with_gas(sender, step) for step in [*steps, *wires]])

    def _to_switch_on(self, city: CityChain) -> list[tuple[Class, Class]]:
        matrix = city.read(TOKEN, "rules")[0]
        wanted = [who for who, on in transfer_rules(self._profile).items() if on]
        return [(payer, payee) for payer, payee in wanted if not matrix >> (8 * payer + payee) & 1]

    def _is_admin(self, city: CityChain) -> bool:
        return bool(city.read(AUTHORITY, "hasRole", Role.ADMIN, self._key.address)[0])

    def _give_up(self, city: CityChain, sender: Sender) -> None:
        city.refresh()
        if not self._is_admin(city):
            return
        self._must_be_right(city, finished=False)
        data = load(AUTHORITY).encode("renounceRole", Role.ADMIN, self._key.address)
        sender.send(Transaction("give up the deployer's right", city.address(AUTHORITY), data))

    def _must_be_right(self, city: CityChain, *, finished: bool) -> None:
        found = self._differences(city, finished=finished)
        if found:
            text = f"The city on the chain is not as it should be; {self._out} was not written. Nobody should use it."
            raise Stop(Code.MISMATCH, text, found)

    def _differences(self, city: CityChain, *, finished: bool) -> list[str]:
        key, rehearsal = self._key.address, self._rehearsal
        return differences(city, self._profile, self._officials, key, rehearsal=rehearsal, finished=finished)


def _show(profile: Profile, officials: Officials, begun: Begun, *, rehearsal: bool) -> None:
    zone = ZoneInfo(profile.time_zone)
    contracts = addresses_from(begun.deployer, begun.nonce)
    show_table(
        f"{profile.token.name} ({profile.token.symbol}) of {profile.name}", ("contract", "address"), contracts.items()
    )
    rows = [
        (role.name, member, f"{delay_for(profile, role, rehearsal=rehearsal):,} s")
        for role in OFFICES
        for member in officials.members[role]
    ]
    show_table("Roles", ("role", "member", "delay#"), rows)
    ends = (begun.dates.issue_until, begun.dates.pay_until, begun.dates.redeem_until)
    days = [f"{datetime.fromtimestamp(end, zone):%d %B %Y}" for end in ends]
    say(f"Rewards until {days[0]}, payments until {days[1]}, redemptions until {days[2]}.")
    if rehearsal:
        warn("REHEARSAL: no role has a delay. Nobody can object to what ADMIN, RULES or PROGRAMME do.")


def _show_limits(profile: Profile, now: int) -> None:
    """The rows of limits, which of them is in force, and which are left out because nothing confirms them."""
    month = month_of(now)
    row_now = profile.row_in_force(month)
    show_table(
        "Limits of the volunteer compensation",
        ("from", "to", "per hour 21+€", "under 21€", "month€", "year€", "kept free€", "on the chain"),
        [
            (
                row.valid_from,
                row.valid_to,
                *map(euros, (row.hourly_adult, row.hourly_youth, row.month_limit, row.year_limit, row.headroom)),
                "in force now" if row is row_now else "yes" if row.confirmed else "NO",
            )
            for row in profile.rules
        ],
    )
    if row_now:
        say(f"In force since {row_now.valid_from}: {row_now.source}")
    drafts = [row.valid_from for row in profile.rules if not row.confirmed]
    if drafts:
        warn(f"Not confirmed by a source, so it is not put on the chain: the row of {' and of '.join(drafts)}.")
    problem = profile.limits_problem(month)
    if problem:
        warn(problem)


def _show_transfers(profile: Profile) -> None:
    names = {Class.RESIDENT: "residents", Class.MERCHANT: "merchants"}
    for (payer, _), on in transfer_rules(profile).items():
        if on:
            warn(
                f"This profile lets {names[payer]} pay each other. The token is then no closed loop of purchases in"
                " shops: before real money depends on it, ask your supervisor whether the exemption for limited"
                " networks (article 3(k) of directive (EU) 2015/2366) still holds."
            )
