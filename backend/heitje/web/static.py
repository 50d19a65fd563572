# SPDX-License-Identifier: EUPL-1.2
"""The pages' scripts, styles and pictures, whose names change with what is in them."""

from __future__ import annotations

from importlib import resources
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from heitje.problems import Code, Problem
from heitje.web.pages import Site

_MEDIA: Final = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "map": "application/json",
    "txt": "text/plain; charset=utf-8",
}
_KEPT: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}
_BUILT: Final = resources.files("heitje.web").joinpath("built")


def router(site: Site) -> APIRouter:
    """The endpoint of all built files, and of the city's colours."""
    routes = APIRouter(include_in_schema=False)
    files = {item.name: item.read_bytes() for item in _BUILT.iterdir() if item.name != "manifest.json"}
    if site.theme:
        files[site.theme_path.rpartition("/")[2]] = site.theme.encode()

    @routes.get("/static/{name}")
    async def get_file(request: Request, name: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,100}$")]) -> Response:
        """A file; compressed if that is understood."""
        content = files.get(name)
        media = _MEDIA.get(name.removesuffix(".LEGAL.txt").rpartition(".")[2])
        if content is None or media is None:
            raise Problem(Code.NOT_FOUND)
        packed = files.get(f"{name}.gz")
        if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, headers={**_KEPT, "Content-Encoding": "gzip"}, media_type=media)
        return Response(content, headers=_KEPT, media_type=media)

    return routes


def worker_router(assets: dict[str, str] | None = None) -> APIRouter:
    """The service worker, which must lie above all pages that it serves."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/worker.js")
    async def get_worker() -> Response:
        """The script; asked for anew each time, so that a new version is noticed."""
        name = (assets or {}).get("worker.js")
        if name is None:
            raise Problem(Code.NOT_FOUND)
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/", "X-Content-Type-Options": "nosniff"}
        return Response(_BUILT.joinpath(name).read_bytes(), headers=headers, media_type=_MEDIA["js"])

    return routes
