# SPDX-License-Identifier: EUPL-1.2
"""A node that lies: it passes everything on to an honest one and changes some of the answers."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
import orjson
from aiohttp import web

Lie = Callable[[str, list[Any], Any], Any]
"""From a method, its parameters and the honest result to the result that is answered."""


class No(NamedTuple):
    """Instead of a result: the node refuses."""

    why: str


@asynccontextmanager
async def lying_node(honest: str, lie: Lie) -> AsyncIterator[str]:
    """Serves the lie on a free port; yields its URL."""
    async with aiohttp.ClientSession() as session:

        async def answer(request: web.Request) -> web.Response:
            asked = orjson.loads(await request.read())
            async with session.post(honest, json=asked) as response:
                answers = orjson.loads(await response.read())
            together = zip(asked, answers, strict=True) if isinstance(asked, list) else [(asked, answers)]
            for question, reply in together:
                if "result" in reply:
                    told = lie(question["method"], question["params"], reply.pop("result"))
                    refused = isinstance(told, No)
                    reply["error" if refused else "result"] = {"code": -32005, "message": told.why} if refused else told
            return web.Response(body=orjson.dumps(answers), content_type="application/json")

        app = web.Application(client_max_size=2**26)
        app.router.add_post("/", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()


def about_logs(change: Callable[[dict[str, Any]], Sequence[dict[str, Any]]], *, receipts: bool = True) -> Lie:
    """A lie about logs: each log becomes none, one or several. In receipts as well, unless told otherwise."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs":
            return [told for log in result for told in change(log)]
        if method == "eth_getTransactionReceipt" and receipts and result:
            return {**result, "logs": [told for log in result["logs"] for told in change(log)]}
        return result

    return lie


def about_view(contract: str, selector: bytes, change: Callable[[bytes], bytes]) -> Lie:
    """A lie about what one view of one contract answers."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method != "eth_call" or params[0]["to"].lower() != contract.lower() or len(result) <= 2:
            return result
        if not params[0]["data"].startswith("0x" + selector.hex()):
            return result
        return "0x" + change(bytes.fromhex(result[2:])).hex()

    return lie
