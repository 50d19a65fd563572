# SPDX-License-Identifier: EUPL-1.2
"""Finds a city's contracts from its token alone, by what the chain says, never by name."""

from collections.abc import Iterable
from typing import Any, Final

from heitje.audit.facts import CityFacts, Dates, DeskFacts, RegistryFacts
from heitje.audit.findings import AuditImpossible, Findings, Place
from heitje.audit.reader import Header, Reader
from heitje.chain import events, logs
from heitje.chain.abi import Interface, load
from heitje.chain.account import Class
from heitje.chain.calendar import MONTHS_PER_YEAR
from heitje.chain.typed_data import Domain

OF_REGISTRIES: Final = ("issue", "clawback")
"""Functions of the token that only registries may call."""


class Discovery:
    """Looks a city up as of one block.

    Registries are those that ever got a role to which `issue` or `clawback` of the token belongs, desks those that ever
    got class desk, authorities those that any of the contracts ever named as theirs.
    """

    def __init__(self, reader: Reader, token: str, head: Header, findings: Findings, notes: list[str]) -> None:
        self._reader = reader
        self._token = token
        self._head = head
        self._findings = findings
        self._notes = notes

    async def facts(self) -> CityFacts:
        """The city.

        Raises:
            AuditImpossible: there is no such token at this address, or the node does not answer.
        """
        reader, token, head = self._reader, self._token, self._head
        if await reader.code(token, head.number) == b"":
            raise AuditImpossible(f"there is no contract at {token} on this chain (block {head.number})")
        interface = load("MunicipalToken")
        chain_id = await reader.chain_id()
        name = await self._view(interface, token, "name")
        symbol = await self._view(interface, token, "symbol")
        _, _, *dates = await self._view(interface, token, "rules")
        _, domain_name, version, *_ = await self._view(interface, token, "eip712Domain")
        deployed = await self._deploy_block(interface)
        authority = await self._view(interface, token, "authority")
        first = await self._first_block(authority, deployed)
        authorities = {authority, *await self._authorities([token], first)}
        desks = await self._desks(first)
        registries = await self._registries(sorted(authorities), first, chain_id)
        authorities |= set(await self._authorities([*registries, *desks], first))
        await self._check_code(sorted(authorities), registries, desks)
        starts = [await self._first_block(address, deployed) for address in sorted(authorities)]
        return CityFacts(
            token=token,
            name=name,
            symbol=symbol,
            chain_id=chain_id,
            domain=Domain(domain_name, version, chain_id, token),
            dates=Dates(*dates),
            first_dates=await self._first_dates(interface, deployed),
            epoch_months=await self._epoch_months(interface),
            replacement_window=await self._view(interface, token, "replacementWindow"),
            registries=registries,
            desks={address: await self._desk(address) for address in desks},
            authorities=tuple(sorted(authorities)),
            first_block=min([deployed, *starts]),
            deploy_block=deployed,
            head=head.number,
            head_hash=head.hash,
            head_time=head.time,
        )

    async def _check_code(self, authorities: list[str], registries: Iterable[str], desks: list[str]) -> None:
        """Finds every contract whose code is not that of this version of Heitje: its events may be made up."""
        found = [(self._token, "MunicipalToken")]
        found += [(address, "Authority") for address in authorities]
        found += [(address, "ActivityRegistry") for address in registries]
        found += [(address, "RedemptionDesk") for address in desks]
        for address, name in found:
            code = await self._reader.code(address, self._head.number)
            if code is None:
                self._notes.append(f"The node does not give the code of {address}; it was not compared.")
            elif not load(name).is_code(code):
                message = (
                    f"the code of {address} is not the {name} of this version of Heitje: it may do other things than "
                    "the published source, so nothing it says can be relied on"
                )
                self._findings.add("other-code", message, Place(self._head.number))

    async def _view(self, interface: Interface, address: str, function: str) -> Any:
        return await self._reader.view(interface, address, self._head.number, function)

    async def _deploy_block(self, interface: Interface) -> int:
        """Where the token says it began, if the block before it has no code there; else the beginning of the chain."""
        said: int = await self._view(interface, self._token, "deployBlock")
        if said > self._head.number:
            raise AuditImpossible(f"the token says it was deployed in block {said}, which is not there yet")
        before = b"" if said == 0 else await self._reader.code(self._token, said - 1)
        if before == b"":
            return said
        if before is None:
            self._notes.append(
                f"The node no longer has the state of block {said - 1}, so it could not be checked that the token "
                "began in the block after it; events were read from block 0."
            )
        else:
            message = f"the token says it was deployed in block {said} and was there before"
            self._findings.add("deploy-block", message, Place(said))
        return 0

    async def _epoch_months(self, interface: Interface) -> int:
        months: int = await self._view(interface, self._token, "epochMonths")
        if months == 0 or MONTHS_PER_YEAR % months:
            raise AuditImpossible(f"{self._token} says its epochs have {months} months; a year has no such part")
        return months

    async def _first_dates(self, interface: Interface, deployed: int) -> Dates | None:
        """The dates of winding down as they were at deployment; None if the node no longer has the state of then."""
        answers = await self._reader.views(interface, self._token, deployed, [("rules", ())])
        return None if answers[0] is None else Dates(*answers[0][2:])

    async def _desk(self, address: str) -> DeskFacts:
        """A desk's constants. What does not answer is no desk of ours, which its code has told already."""
        calls: list[tuple[str, tuple[()]]] = [(name, ()) for name in ("reclaimAfter", "lockedReclaimAfter")]
        answers = await self._reader.views(load("RedemptionDesk"), address, self._head.number, calls)
        return DeskFacts(*(answer or 0 for answer in answers))

    async def _first_block(self, address: str, known: int) -> int:
        """The block in which a contract appeared, at most `known` if it was there by then; 0 if that cannot be told."""
        low, high = 0, known
        at_known = await self._reader.code(address, known)
        if at_known is None:
            return 0
        if at_known == b"":
            return known
        while low < high:
            middle = (low + high) // 2
            code = await self._reader.code(address, middle)
            if code is None:
                return 0
            low, high = (low, middle) if code else (middle + 1, high)
        return low

    async def _authorities(self, contracts: list[str], first: int) -> list[str]:
        found = await self._reader.all_logs(contracts, [logs.AUTHORITY_UPDATED], first, self._head.number)
        decoded = [_decode(log) for log in found]
        return [event.authority for event in decoded if isinstance(event, events.AuthorityUpdated)]

    async def _desks(self, first: int) -> list[str]:
        found = await self._reader.all_logs([self._token], [logs.CLASS_SET], first, self._head.number)
        decoded = [_decode(log) for log in found]
        desks = [e.account for e in decoded if isinstance(e, events.ClassSet) and e.holder_class == Class.DESK]
        return list(dict.fromkeys(desks))

    async def _registries(self, authorities: list[str], first: int, chain_id: int) -> dict[str, RegistryFacts]:
        topics = [logs.ROLE_GRANTED, logs.TARGET_FUNCTION_ROLE_UPDATED]
        found = await self._reader.all_logs(authorities, topics, first, self._head.number)
        token = load("MunicipalToken")
        selectors = {token.function(name).selector: name for name in OF_REGISTRIES}
        roles: dict[int, str] = {}
        members: dict[tuple[int, str], Place] = {}
        for log in found:
            event = _decode(log)
            if isinstance(event, events.TargetFunctionRoleUpdated):
                if event.target == self._token and event.selector in selectors:
                    roles.setdefault(event.role, selectors[event.selector])
            elif isinstance(event, events.RoleGranted):
                place = Place(int(log["blockNumber"], 16), log["transactionHash"])
                members.setdefault((event.role, event.account), place)
        registries: dict[str, RegistryFacts] = {}
        for (role, account), place in members.items():
            if role in roles and account not in registries:
                facts = await self._registry(account, chain_id)
                if facts is not None:
                    registries[account] = facts
                elif roles[role] == "issue":
                    message = f"{account} was allowed to create credits and is no activity registry of this token"
                    self._findings.add("minter-no-registry", message, place)
                else:
                    message = f"{account} was allowed to take credits back and is no activity registry of this token"
                    self._findings.add("corrector-no-registry", message, place)
        return registries

    async def _registry(self, address: str, chain_id: int) -> RegistryFacts | None:
        """What a registry says of itself; None if it is none, or not of this token."""
        names = ("token", "monthsBack", "predecessor", "clawbackWindow", "eip712Domain")
        calls: list[tuple[str, tuple[()]]] = [(name, ()) for name in names]
        block = self._head.number
        answers = await self._reader.views(load("ActivityRegistry"), address, block, calls)
        token, months_back, predecessor, window, domain = answers
        if token != self._token or None in answers:
            return None
        _, name, version, _, _, _, _ = domain
        # Chain and contract are ours to know, not the registry's to say.
        return RegistryFacts(Domain(name, version, chain_id, address), months_back, predecessor, window)


def _decode(log: dict[str, Any]) -> events.Event | None:
    try:
        return logs.decode_log(log)
    except logs.MalformedLog:
        return None
