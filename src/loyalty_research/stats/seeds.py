"""Seeds that derive from names, so that a result does not depend on what ran before it."""

from __future__ import annotations

import hashlib


def seed_from(*names: str) -> int:
    """Return a 64-bit seed from ``names``; the same names give the same seed everywhere."""
    digest = hashlib.sha256("\x1f".join(names).encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "little")
