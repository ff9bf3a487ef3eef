"""The container of old workbooks: refused where its chains of sectors run in circles."""

from __future__ import annotations

import struct
from typing import IO

import numpy as np
import numpy.typing as npt

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IN_HEADER = 109
_SPECIAL = 0xFFFFFFF0
_SMALL = 4096
_ENTRY = 128
_STREAM, _ROOT = 2, 5

Sectors = npt.NDArray[np.uint32]


def chains_end(stream: IO[bytes]) -> bool:
    """Tell whether every chain of a compound file comes to an end.

    A reader that follows a chain with a circle never stops. There is none that can be reached where
    no two sectors have the same successor, and no chain starts with a successor.
    """
    content = stream.read()
    try:
        return _chains_end(content)
    except (struct.error, ValueError, IndexError):
        return False


def _chains_end(content: bytes) -> bool:
    (shift,) = struct.unpack_from("<H", content, 30)
    if shift not in (9, 12):
        return False
    size = 1 << shift
    directory, _, _, _, minis, mini_count = struct.unpack_from("<6I", content, 48)
    table = _numbers(content, _table_sectors(content, size), size)
    chains = _Chains(table)
    if not chains.ends(directory) or (mini_count and not chains.ends(minis)):
        return False
    small = _Chains(_numbers(content, chains.follow(minis), size) if mini_count else table[:0])
    for sector in chains.follow(directory):
        start = (sector + 1) * size
        for entry in range(start, start + size, _ENTRY):
            kind = content[entry + 66]
            first, length = struct.unpack_from("<IQ", content, entry + 116)
            length &= 0xFFFFFFFF
            if kind == _ROOT or (kind == _STREAM and length >= _SMALL):
                if not chains.ends(first):
                    return False
            elif kind == _STREAM and length and not small.ends(first):
                return False
    return True


class _Chains:
    """Successors of sectors, each of at most one."""

    def __init__(self, table: Sectors) -> None:
        self._next = table
        known = table[table < _SPECIAL]
        self._followers = set(known.tolist())
        self._single = len(self._followers) == len(known)

    def ends(self, first: int) -> bool:
        return first >= _SPECIAL or (self._single and first not in self._followers)

    def follow(self, first: int) -> list[int]:
        found: list[int] = []
        while first < _SPECIAL and len(found) <= len(self._next):
            found.append(first)
            first = int(self._next[first])
        return found


def _table_sectors(content: bytes, size: int) -> list[int]:
    """Return the sectors that hold the table of successors."""
    following, count = struct.unpack_from("<2I", content, 68)
    found = list(struct.unpack_from(f"<{_IN_HEADER}I", content, 76))
    for _ in range(min(count, len(content) // size)):
        if following >= _SPECIAL:
            break
        part = struct.unpack_from(f"<{size // 4}I", content, (following + 1) * size)
        found.extend(part[:-1])
        following = part[-1]
    return [sector for sector in found if sector < _SPECIAL]


def _numbers(content: bytes, sectors: list[int], size: int) -> Sectors:
    parts = [content[(sector + 1) * size : (sector + 2) * size] for sector in sectors]
    return np.frombuffer(b"".join(parts), dtype="<u4")
