"""Lists of persons: pseudonyms, the secret, and files nobody else may read."""

from __future__ import annotations

import csv
import hashlib
import hmac
import os
import stat
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import loyalty_research as lr
from loyalty_research.errors import DataError, ParameterError
from loyalty_research.study.private import (
    export_persons,
    load_secret,
    pseudonym,
    safe_cell,
)

PROJECT = Path(__file__).parents[2]
IDS = ["13912345678", "张敏", "=cmd|' /C calc'!A0", "VIP-9"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "home" / "data" / "brands").mkdir(parents=True)
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOYALTY_SECRET_FILE", str(tmp_path / "keys" / "secret"))
    return tmp_path / "home"


def brand(identifiers: str = "personal") -> lr.Brand:
    lines = pd.DataFrame(
        {
            "order_id": range(8),
            "customer_id": IDS * 2,
            "ordered_at": "2024-03-01",
            "amount": [float(n) for n in range(1, 9)],
        }
    )
    return lr.Brand.from_frames(
        transactions=lines, currency="CNY", identifiers=identifiers, name="shop"
    )


def rows(path: Path) -> list[dict[str, str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [0, 1, 2, 3],
            "note": ["=1+1", "+86", "@home", "plain"],
            "spend": [-5.0, 6.0, None, 8.25],
        }
    )


def test_a_pseudonym_is_the_start_of_the_keyed_hash() -> None:
    """RFC 4231, test case 2: key "Jefe", and the digest it gives."""
    digest = bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    assert hmac.new(b"Jefe", b"what do ya want for nothing?", hashlib.sha256).digest() == digest
    bits = "".join(f"{byte:08b}" for byte in digest[:10])
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    wanted = "".join(letters[int(bits[at : at + 5], 2)] for at in range(0, 80, 5))
    assert pseudonym("what do ya want for nothing?", b"Jefe") == wanted


def test_pseudonyms_depend_on_the_secret_and_do_not_collide() -> None:
    ids = [f"{number}" for number in range(20_000)]
    made = {pseudonym(item, b"a" * 32) for item in ids}
    assert len(made) == len(ids)
    assert not made & {pseudonym(item, b"b" * 32) for item in ids}
    assert all(len(item) == 16 for item in made)


def test_an_export_holds_pseudonyms_and_no_identity(home) -> None:
    path = export_persons(brand(), table(), "calls", ["note", "spend"])
    assert path == home / "private" / "shop" / "calls.csv"
    found = rows(path)
    secret = load_secret()
    assert {row["pseudonym"] for row in found} == {pseudonym(item, secret) for item in IDS}
    text = path.read_text("utf-8-sig")
    assert not any(item in text for item in IDS)
    by_id = {row["pseudonym"]: row for row in found}
    own = [by_id[pseudonym(item, secret)] for item in sorted(IDS, key=lambda text: text.encode())]
    assert [row["note"] for row in own] == ["'=1+1", "'+86", "'@home", "plain"]
    assert [row["spend"] for row in own] == ["-5.0", "6.0", "", "8.25"]
    # In the order of the pseudonyms: that of the ids would help to guess them.
    assert [row["pseudonym"] for row in found] == sorted(by_id)
    assert "customer_id" not in text.splitlines()[0]


@pytest.mark.usefixtures("home")
def test_own_ids_only_where_asked_for() -> None:
    found = rows(export_persons(brand(), table(), "calls", ["spend"], source_ids=True))
    assert [row["source_id"] for row in found] == [
        safe_cell(item) for item in sorted(IDS, key=lambda text: text.encode())
    ]


@pytest.mark.usefixtures("home")
def test_public_identifiers_need_no_secret(tmp_path) -> None:
    export_persons(brand("public"), table(), "calls", ["spend"])
    assert not (tmp_path / "keys").exists()


@pytest.mark.skipif(os.name == "nt", reason="file modes are those of POSIX")
@pytest.mark.usefixtures("home")
def test_nobody_else_may_read_it(tmp_path) -> None:
    path = export_persons(brand(), table(), "calls", ["spend"])
    secret = tmp_path / "keys" / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(item.name for item in path.parent.iterdir()) == ["calls.csv"]
    secret.chmod(0o644)
    with pytest.raises(ParameterError, match="chmod 600"):
        load_secret()


@pytest.mark.usefixtures("home")
def test_the_secret_is_made_once() -> None:
    first = load_secret()
    assert load_secret() == first
    assert len(first) == 64


def test_a_secret_in_the_project_is_refused(home, monkeypatch) -> None:
    monkeypatch.setenv("LOYALTY_SECRET_FILE", str(home / "secret"))
    with pytest.raises(ParameterError, match="LOYALTY_SECRET_FILE"):
        load_secret()
    assert not (home / "secret").exists()


@pytest.mark.usefixtures("home")
def test_a_short_secret_is_refused(tmp_path) -> None:
    (tmp_path / "keys").mkdir()
    short = tmp_path / "keys" / "secret"
    short.write_text("abc")
    short.chmod(0o600)
    with pytest.raises(ParameterError, match="shorter than 32"):
        load_secret()


@pytest.mark.parametrize("name", ["../reports/x", "a/b", "", ".hidden", "x.csv"])
@pytest.mark.usefixtures("home")
def test_a_name_that_leaves_the_folder_is_refused(name) -> None:
    with pytest.raises(ParameterError, match="allowed: letters"):
        export_persons(brand(), table(), name, ["spend"])


@pytest.mark.usefixtures("home")
def test_strangers_and_missing_columns_are_refused() -> None:
    with pytest.raises(DataError, match="1 row"):
        export_persons(brand(), table().assign(customer_id=[1, 2, 3, 99]), "calls", ["spend"])
    with pytest.raises(DataError, match="spent"):
        export_persons(brand(), table(), "calls", ["spent"])


def test_a_folder_outside_the_project_is_allowed_and_closed(tmp_path, home) -> None:
    out = tmp_path / "elsewhere" / "lists"
    path = export_persons(brand(), table(), "calls", ["spend"], folder=out)
    assert path == out / "calls.csv"
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert not (home / "private").exists()


@pytest.mark.parametrize("place", ["reports/shop", "data/brands", ".", "private/../reports"])
def test_a_folder_of_the_project_is_refused(home, place) -> None:
    with pytest.raises(ParameterError, match="where git or a report might take it up"):
        export_persons(brand(), table(), "calls", ["spend"], folder=home / place)
    assert not list(home.rglob("*.csv"))


@pytest.mark.skipif(os.name == "nt", reason="making a link needs rights there")
@pytest.mark.parametrize("link", ["private", "private/shop", "private/shop/calls.csv"])
def test_a_link_is_refused(tmp_path, home, link) -> None:
    target = tmp_path / "public"
    target.mkdir()
    place = home / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target / "calls.csv" if place.suffix else target)
    with pytest.raises(ParameterError, match="is a link"):
        export_persons(brand(), table(), "calls", ["spend"])
    assert not list(target.iterdir())


@pytest.mark.usefixtures("home")
def test_a_place_that_cannot_be_written_is_told(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="is a file"):
        export_persons(brand(), table(), "calls", ["spend"], folder=tmp_path / "file")
    with pytest.raises(ParameterError, match="cannot be written"):
        export_persons(brand(), table(), "calls", ["spend"], folder=tmp_path / "file" / "below")


@pytest.mark.usefixtures("home")
def test_headings_may_be_words_and_start_no_formula() -> None:
    words = {"pseudonym": "化名", "spend": "=金额"}
    path = export_persons(brand(), table(), "calls", ["spend"], headings=words)
    assert path.read_text("utf-8-sig").splitlines()[0] == "化名,'=金额"


def test_git_ignores_the_folder() -> None:
    found = subprocess.run(
        ["git", "check-ignore", "private/shop/calls.csv"], cwd=PROJECT, capture_output=True
    )
    if found.returncode == 128:
        pytest.skip("no repository here")
    assert found.returncode == 0
