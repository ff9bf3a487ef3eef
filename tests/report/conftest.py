"""A delivered report that the tests of a folder share."""

from __future__ import annotations

from pathlib import Path

import pytest
from report.sandbox import Sandbox


@pytest.fixture(scope="session")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """Return a sandbox whose report was made once; tests only read it."""
    sandbox = Sandbox(tmp_path_factory.mktemp("delivered"))
    made = sandbox.make()
    assert made.returncode == 0, made.stderr
    return sandbox


@pytest.fixture
def copied(delivered: Sandbox, tmp_path: Path) -> Sandbox:
    """Return a copy of the delivered sandbox that a test may change."""
    return delivered.copy(tmp_path)


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """Return a sandbox of the test's own."""
    return Sandbox(tmp_path)
