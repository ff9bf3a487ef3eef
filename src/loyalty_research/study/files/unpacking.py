"""Streams of bytes that count what is read, and refuse what is damaged or grows beyond reason."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.where import Meter, Where

SPOOL = 1 << 20
BOMB_BYTES = 64 << 20
"""A stream is looked at for its ratio from here on."""
BOMB_RATIO = 300
"""Real exports shrink to a twentieth, seldom to a hundredth."""
BROKEN = (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError)


def counted(path: Path, meter: Meter) -> IO[bytes]:
    """Open a file that tells how much of it was read."""
    return io.BufferedReader(_Counting(path, meter), SPOOL)


class _Counting(io.FileIO):
    """A file that tells how much of it was read."""

    def __init__(self, path: Path, meter: Meter) -> None:
        super().__init__(path, "rb")
        self._meter = meter

    def readinto(self, buffer: Any, /) -> int | None:
        count = super().readinto(buffer)
        self._meter.add(count or 0)
        return count


class Checked(io.RawIOBase):
    """What is unpacked, refused where it is damaged or grows beyond reason."""

    def __init__(
        self,
        opener: Callable[[], Any],
        where: Where,
        *,
        limit: int | None = None,
        packed: int | None = None,
        below: IO[bytes] | None = None,
    ) -> None:
        self._where, self._limit, self._packed, self._below = where, limit, packed, below
        self._given = 0
        try:
            self._inner = opener()
        except RuntimeError as error:
            raise protected(where) from error
        except (*BROKEN, OSError) as error:
            raise damaged(where, error) from error

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes, and refuse what cannot be an export."""
        try:
            block = self._inner.read(len(buffer))
        except (*BROKEN, OSError) as error:
            raise damaged(self._where, error) from error
        self._given += len(block)
        most = self._limit
        if self._packed is not None and self._given > BOMB_BYTES:
            most = self._packed * BOMB_RATIO
        if most is not None and self._given > most:
            raise too_dense(self._where)
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        """Close it with what is below."""
        if not self.closed and hasattr(self, "_inner"):
            self._inner.close()
        if self._below is not None:
            self._below.close()
        super().close()


def damaged(where: Where, error: Exception) -> DataError:
    """Return the error about a file that is cut off or corrupt."""
    return DataError(
        problem(
            "{place}: {file}: is damaged or cut off ({reason}); copy or export it anew",
            **where.of,
            reason=str(error) or type(error).__name__,
        )
    )


def protected(where: Where) -> DataError:
    """Return the error about a file that needs a password."""
    return DataError(
        problem("{place}: {file}: is protected by a password; save it without one", **where.of)
    )


def too_dense(where: Where) -> DataError:
    """Return the error about a file that unpacks to more than any export would."""
    return DataError(
        problem(
            "{place}: {file}: unpacks to far more than its size explains (more than {ratio} "
            "times); unpack it by hand and look at it",
            **where.of,
            ratio=BOMB_RATIO,
        )
    )
