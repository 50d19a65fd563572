# SPDX-License-Identifier: EUPL-1.2
"""Photos without what a camera or a program writes beside the picture: where, when, by which phone, a small copy.

A file is taken apart into its segments and put together again from those that draw the picture. Nothing is decoded.
What remains besides is how a JPEG is to be turned, because phones leave that to who shows it.

Sources: ITU-T T.81 and Exif 2.32 (JPEG), the PNG specification (W3C, third edition), the WebP container (RFC 9649).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

MAX_BYTES: Final = 2_000_000

_PNG_BEGINS: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB")
_WEBP_KEPT: Final = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH")
_WEBP_MOVES: Final = (b"ANIM", b"ANMF")
_ALPHA: Final = 0x10
"""The one flag of VP8X that still holds when metadata and colour profile are gone."""

_SOS, _EOI, _APP1, _APP14, _COMMENT = 0xDA, 0xD9, 0xE1, 0xEE, 0xFE
_RESTARTS: Final = range(0xD0, 0xD8)
_APPLICATION: Final = range(0xE0, 0xF0)
_TURN: Final = 0x0112
"""Exif's tag for the orientation."""


class NoPhoto(ValueError):
    """The bytes are no photo that can be kept, and why."""


def strip(raw: bytes) -> tuple[str, bytes]:
    """Media type and bytes of a photo without its metadata.

    Raises:
        NoPhoto: It is none, or is damaged, or is too long, or moves.
    """
    if len(raw) > MAX_BYTES:
        raise NoPhoto(f"it has {len(raw)} bytes; at most {MAX_BYTES} are kept")
    try:
        if raw.startswith(b"\xff\xd8\xff"):
            return "image/jpeg", _jpeg(raw)
        if raw.startswith(_PNG_BEGINS):
            return "image/png", _png(raw)
        if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
            return "image/webp", _webp(raw)
    except (struct.error, IndexError):
        raise NoPhoto("it is damaged: it ends too early") from None
    raise NoPhoto("it is neither a JPEG nor a PNG nor a WebP")


def _jpeg(raw: bytes) -> bytes:
    kept, turn, drawn = [b"\xff\xd8"], 1, False
    for marker, segment in _segments(raw):
        if marker == _APP1:
            turn = _turn_of(segment[4:]) or turn
        drawn = drawn or marker == _SOS
        if marker == _APP14 or (marker not in _APPLICATION and marker != _COMMENT):
            kept.append(segment)
    if not drawn:
        raise NoPhoto("there is no picture in it")
    if turn != 1:
        kept.insert(1, _turned(turn))
    return b"".join([*kept, b"\xff\xd9"])


def _segments(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of each segment up to the end of the picture; whatever comes after that is left out."""
    at = 2
    while raw[at + 1] != _EOI:
        if raw[at] != 0xFF:
            raise NoPhoto("it is damaged: a segment does not begin where it should")
        if raw[at + 1] == 0xFF:  # filling
            at += 1
            continue
        (length,) = struct.unpack_from(">H", raw, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(raw):
            raise NoPhoto("it is damaged: a segment ends outside of it")
        if raw[at + 1] == _SOS:
            end = _scan_ends(raw, end)
        yield raw[at + 1], raw[at:end]
        at = end


def _scan_ends(raw: bytes, at: int) -> int:
    """Where the data of a scan ends: at the next marker that is no restart and no escaped 0xFF."""
    while True:
        at = raw.find(b"\xff", at)
        if at < 0:
            raise NoPhoto("it is damaged: it ends too early")
        if raw[at + 1] != 0 and raw[at + 1] not in _RESTARTS:
            return at
        at += 2


def _turn_of(segment: bytes) -> int | None:
    """How an Exif segment says that the picture is to be turned, 1 to 8; None where it does not."""
    if not segment.startswith(b"Exif\0\0"):
        return None
    tiff = segment[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (directory,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, directory)
        for number in range(entries):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, directory + 2 + 12 * number)
            if (tag, kind) == (_TURN, 3):
                return int(value) if 1 <= value <= 8 else None
    except struct.error:
        return None
    return None


def _turned(turn: int) -> bytes:
    """An Exif segment that says how to turn the picture, and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _TURN, 3, 1, turn, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body


def _png(raw: bytes) -> bytes:
    kept, at = [_PNG_BEGINS], len(_PNG_BEGINS)
    seen: set[bytes] = set()
    while b"IEND" not in seen:
        (length,) = struct.unpack_from(">I", raw, at)
        kind, end = raw[at + 4 : at + 8], at + 12 + length
        if end > len(raw):
            raise NoPhoto("it is damaged: a part ends outside of it")
        if not seen and kind != b"IHDR":
            raise NoPhoto("it is damaged: it does not begin with its header")
        if kind in _PNG_KEPT:
            kept.append(raw[at:end])
        seen.add(kind)
        at = end
    if b"IDAT" not in seen:
        raise NoPhoto("there is no picture in it")
    return b"".join(kept)


def _webp(raw: bytes) -> bytes:
    kept = []
    for kind, body in _chunks(raw):
        if kind in _WEBP_MOVES:
            raise NoPhoto("it moves")
        if kind in _WEBP_KEPT:
            plain = bytes([body[0] & _ALPHA]) + body[1:] if kind == b"VP8X" else body
            kept.append(kind + struct.pack("<I", len(plain)) + plain + b"\0" * (len(plain) % 2))
    if not any(chunk[:4] in (b"VP8 ", b"VP8L") for chunk in kept):
        raise NoPhoto("there is no picture in it")
    content = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    (size,) = struct.unpack_from("<I", raw, 4)
    at, end = 12, 8 + size
    if end > len(raw):
        raise NoPhoto("it is damaged: it ends too early")
    while at < end:
        kind = raw[at : at + 4]
        (length,) = struct.unpack_from("<I", raw, at + 4)
        if at + 8 + length > end:
            raise NoPhoto("it is damaged: a part ends outside of it")
        yield kind, raw[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
