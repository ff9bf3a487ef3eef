"""Make or reuse `.venv-peer`, where the benchmarks' peer lives: it pins an older pandas.

Usage: .venv/bin/python tools/peer_env.py
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from setup_env import Installer, Place, child_environment

ROOT = Path(__file__).resolve().parent.parent
PEER = Place(".venv-peer", "requirements-peer.lock")


def main() -> None:
    """Install the lock unless it is what the environment was made from."""
    folder = ROOT / ".venv-peer"
    stamp = folder / "lock.sha256"
    digest = hashlib.sha256((ROOT / PEER.lock).read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == digest:
        return
    print("bench: making .venv-peer")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    Installer(PEER, child_environment()).install("--require-hashes", "-r", PEER.lock)
    stamp.write_text(digest, encoding="utf-8")


if __name__ == "__main__":
    main()
