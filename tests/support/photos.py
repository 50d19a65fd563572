# SPDX-License-Identifier: EUPL-1.2
"""Small photos with what cameras and programs write beside the picture."""

import struct
import zlib

GPS = b"51.4416N 5.4697E"


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", 2 + len(body)) + body


def exif(turn: int | None = None) -> bytes:
    """What Exif holds: where it was taken, and how the picture is to be turned."""
    entries = [struct.pack("<HHIHH", 0x0112, 3, 1, turn, 0)] if turn else []
    tiff = b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + struct.pack("<I", 0)
    return b"Exif\0\0" + tiff + GPS


def jpeg(turn: int | None = None) -> bytes:
    """One grey picture of eight by eight, with Exif, XMP, a comment, and a second file behind its end."""
    beside = _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + _segment(0xE1, exif(turn))
    beside += _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + GPS) + _segment(0xFE, GPS)
    table = _segment(0xDB, b"\0" + b"\1" * 64)
    frame = _segment(0xC0, b"\x08\0\x08\0\x08\1\1\x11\0")
    codes = _segment(0xC4, b"\0\1" + b"\0" * 15 + b"\0") + _segment(0xC4, b"\x10\1" + b"\0" * 15 + b"\0")
    scan = _segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x3f\xff\0\xff\xd0\x3f"
    return b"\xff\xd8" + beside + table + frame + codes + scan + b"\xff\xd9" + GPS * 4


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png() -> bytes:
    """One white dot, with text, a time and Exif."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    beside = (
        _chunk(b"tEXt", b"Location\0" + GPS) + _chunk(b"eXIf", exif()[6:]) + _chunk(b"tIME", b"\x07\xea" + b"\1" * 5)
    )
    return b"\x89PNG\r\n\x1a\n" + header + beside + _chunk(b"IDAT", zlib.compress(b"\0\xff")) + _chunk(b"IEND", b"")


def _part(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(*, moves: bool = False) -> bytes:
    """One dot (lossless), with Exif and XMP."""
    dot = bytes.fromhex("2f00000000072830fee82f44c00000")
    parts = _part(b"VP8X", bytes([0x0C, 0, 0, 0, 0, 0, 0, 0, 0, 0])) + _part(b"VP8L", dot)
    parts += _part(b"EXIF", exif()) + _part(b"XMP ", GPS)
    if moves:
        parts += _part(b"ANIM", bytes(6))
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WEBP" + parts
