# SPDX-License-Identifier: EUPL-1.2
"""Finds a city's contracts from its token alone, by what the chain says, never by name."""

from collections.abc import Iterable
from typing import Any

from heitje.audit.books import Dates
from heitje.audit.findings import AuditImpossible, Findings, Moment
from heitje.audit.reader import Header, Reader
from heitje.audit.replay import CityFacts, RegistryFacts
from heitje.chain import events, logs
from heitje.chain.abi import Interface, load
from heitje.chain.account import Class
from heitje.chain.typed_data import Domain


class Discovery:
    """Looks a city up as of one block.

    Registries are those that ever got the role to which `issue` of the token belongs, desks those that ever got class
    desk, authorities those that any of the contracts ever named as theirs.
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
            dates=Dates(*dates),
            registries=registries,
            desks=tuple(desks),
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
                self._findings.add("other-code", message, Moment(self._head.number, self._head.time))

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
            self._findings.add("deploy-block", message, Moment(said, self._head.time))
        return 0

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
        selector = load("MunicipalToken").function("issue").selector
        roles: set[int] = set()
        members: dict[tuple[int, str], Moment] = {}
        for log in found:
            event = _decode(log)
            if isinstance(event, events.TargetFunctionRoleUpdated):
                if (event.target, event.selector) == (self._token, selector):
                    roles.add(event.role)
            elif isinstance(event, events.RoleGranted):
                moment = Moment(int(log["blockNumber"], 16), self._head.time, log["transactionHash"])
                members.setdefault((event.role, event.account), moment)
        registries: dict[str, RegistryFacts] = {}
        for (role, account), moment in members.items():
            if role in roles and account not in registries:
                facts = await self._registry(account, chain_id)
                if facts is not None:
                    registries[account] = facts
                else:
                    message = f"{account} was allowed to create credits and is no activity registry of this token"
                    self._findings.add("minter-no-registry", message, moment)
        return registries

    async def _registry(self, address: str, chain_id: int) -> RegistryFacts | None:
        """What a registry says of itself; None if it is none, or not of this token."""
        names = ("token", "monthsBack", "predecessor", "eip712Domain")
        calls: list[tuple[str, tuple[()]]] = [(name, ()) for name in names]
        block = self._head.number
        answers = await self._reader.views(load("ActivityRegistry"), address, block, calls)
        token, months_back, predecessor, domain = answers
        if token != self._token or None in answers:
            return None
        _, name, version, _, _, _, _ = domain
        # Chain and contract are ours to know, not the registry's to say.
        return RegistryFacts(Domain(name, version, chain_id, address), months_back, predecessor)


def _decode(log: dict[str, Any]) -> events.Event | None:
    try:
        return logs.decode_log(log)
    except logs.MalformedLog:
        return None
