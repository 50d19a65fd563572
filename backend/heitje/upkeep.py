# SPDX-License-Identifier: EUPL-1.2
"""What an operator does with a database beside the service.

Compare it with the chain, read the chain anew, let a lane go on: the commands of `heitje.upkeep_commands`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.chain.nodes import Nodes
from heitje.index import check, rebuild
from heitje.index.follow import ChainMoved, Follower, IndexHalted, IndexSettings
from heitje.privacy import repository as privacy
from heitje.relay import thaw
from heitje.rest.deployment import Deployment, WrongDeployment, read_deployment
from heitje.store.bell import Bell, Gong
from heitje.store.migrate import WrongSchema
from heitje.store.session import CannotConnect, Store


class Impossible(Exception):
    """It could not be done; the message says why, and that nothing was changed by it."""


async def compare(rpc: str, deployment: Path, database: str) -> check.Comparison:
    """Compare the index with the chain; see `heitje.index.check`.

    Raises:
        Impossible: Nothing can be said.
    """
    async with _opened(rpc, database) as (store, node):
        city = await _deployment(deployment, node)
        return await check.compare(store, node, city.places)


async def reindex(rpc: str, deployment: Path, database: str, finality: int, tell: Callable[[int], None]) -> int:
    """Read the whole chain anew; the last block. See `heitje.index.rebuild`.

    Raises:
        Impossible: Nothing was deleted; or it was cut off, and goes on when it is called again or the service starts.
    """
    async with _opened(rpc, database) as (store, node):
        city = await _deployment(deployment, node)
        await rebuild.forget(store, time.time())
        settings = IndexSettings(first_block=city.deploy_block, finality=finality)
        parts = (store, node, city.places, city.chain_id, settings)
        follower = Follower(*parts, news=Gong(), work=Bell(), clock=time.time)
        return await rebuild.reread(store, follower, tell)


async def member(database: str, number: int, *, erase: bool = False) -> dict[str, Any]:
    """What a database holds of a member beside what the chain has; or erase it, and how many rows that were.

    Raises:
        Impossible: There is no such database, or it is of another version.
    """
    async with _store(database) as store:
        if erase:
            async with store.write() as session:
                return await privacy.erase(session, number)
        async with store.read() as session:
            return await privacy.held(session, number)


async def lanes(rpc: str, database: str, finality: int) -> Sequence[thaw.LaneSight]:
    """The lanes as they are.

    Raises:
        Impossible: They cannot be compared with the chain.
    """
    async with _opened(rpc, database) as (store, node):
        return await thaw.look(store, node, finality)


async def thaw_lanes(rpc: str, database: str, finality: int) -> Sequence[thaw.LaneSight]:
    """Let what stopped go on; as it was before.

    Raises:
        Impossible: It cannot go on yet.
    """
    async with _opened(rpc, database) as (store, node):
        return await thaw.thaw(store, node, finality, time.time())


async def _deployment(path: Path, node: Node) -> Deployment:
    try:
        return await read_deployment(path, node)
    except WrongDeployment as error:
        raise Impossible(str(error)) from None


@asynccontextmanager
async def _opened(rpc: str, database: str) -> AsyncIterator[tuple[Store, Node]]:
    """The database and the node; what they cannot do is told in one way."""
    try:
        async with _store(database) as store, Nodes((rpc,)) as node:
            yield store, node
    except (check.CannotCheck, rebuild.StillRunning, thaw.CannotThaw, IndexHalted) as error:
        raise Impossible(str(error)) from error
    except (NodeUnreachable, RpcError) as error:
        raise Impossible(f"the node does not answer as it should ({error})") from error
    except ChainMoved as error:
        raise Impossible(f"{error}; try again") from error


@asynccontextmanager
async def _store(database: str) -> AsyncIterator[Store]:
    if "://" not in database and not Path(database).exists():  # noqa: ASYNC240 - once, before anything runs
        raise Impossible(f"{database}: there is no such database")
    try:
        store = Store.of(database)
    except ValueError as error:
        raise Impossible(f"--database is neither a path nor the URL of a PostgreSQL database: {error}") from None
    try:
        await store.create_tables()
        yield store
    except (CannotConnect, WrongSchema) as error:
        raise Impossible(str(error)) from error
    finally:
        await store.close()
