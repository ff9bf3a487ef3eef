"""``loyalty actions``: a private file, pseudonyms, safe cells, and refusals in one line."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path

import pandas as pd
import pytest
from actions_shop import shop_frames

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.cli import main
from loyalty_research.profile.offers.holdout_flag import holdout_key, is_held_out
from loyalty_research.results.disclosure import protected
from loyalty_research.study.private import load_secret, own_ids, pseudonym

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+8613800138000",
    "@sum(1)",
    "张\n敏",
    "ＡＢＣ，客户",
    "-1",
    "x" * 300,
]
BRAND = """\
name: {{zh: 小店, en: Shop}}
trade: bakery
currency: CNY
timezone: Asia/Shanghai
customers: {{unit: person, identifiers: {identifiers}, first_purchase_observed: true}}
evidence: observed
period: {{start: 2024-01-01, end: 2024-12-31}}
tables:
  transactions:
    source: lines.csv
    columns: {{order_id: order_id, ordered_at: ordered_at, amount: amount, customer_id: customer_id,
              product_id: product_id, quantity: quantity, discount: discount, channel: channel}}
"""
posix = pytest.mark.skipif(os.name == "nt", reason="file modes are those of POSIX")


def hostile_lines() -> pd.DataFrame:
    """Return the shop's lines; the ids of those who buy most are hostile."""
    lines = shop_frames()["transactions"]
    most = lines["customer_id"].value_counts().index[: len(HOSTILE)]
    names = dict(zip(most, HOSTILE, strict=True))
    return lines.assign(customer_id=lines["customer_id"].replace(names))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home folder of a brand whose identifiers are personal."""
    folder = tmp_path / "home" / "data" / "brands" / "shop"
    folder.mkdir(parents=True)
    (folder / "brand.yaml").write_text(BRAND.format(identifiers="personal"), "utf-8")
    hostile_lines().to_csv(folder / "lines.csv", index=False)
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOYALTY_SECRET_FILE", str(tmp_path / "keys" / "secret"))
    monkeypatch.setenv("LOYALTY_UI", "en")
    monkeypatch.delenv("LOYALTY_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def rows(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def written(home: Path) -> Path:
    return home / "private" / "shop" / "actions.csv"


def test_the_list_holds_pseudonyms_and_no_id(home, capsys) -> None:
    assert main(["actions", "shop", "--campaign", "spring"]) == 0
    out, errors = capsys.readouterr()
    assert out.splitlines()[-1] == str(written(home))
    assert "evaluating 14 rules" in errors
    assert "Traceback" not in errors
    text = written(home).read_text("utf-8-sig")
    found = rows(written(home))
    ids = hostile_lines()["customer_id"].unique()
    assert not [item for item in ids if len(item) > 2 and item in text]
    secret = load_secret()
    names = {pseudonym(item, secret): item for item in own_ids(lr.open_brand("shop")).values()}
    assert {row["pseudonym"] for row in found} <= set(names)
    assert len({row["pseudonym"] for row in found}) == len(found)
    assert "source_id" not in text.splitlines()[0]
    assert "customer_id" not in text
    # The flags are those of the ids and the campaign, whatever stands in the file beside them.
    held = [row["group"].startswith("hold-out") for row in found]
    own = [names[row["pseudonym"]] for row in found]
    share = float(out.splitlines()[-2].split("hold-out share ")[1].split("%")[0]) / 100
    wanted = is_held_out(own, key=holdout_key(secret), campaign="spring", share=share)
    assert held == wanted.tolist()
    assert 0 < sum(held) < len(held)


def test_the_counts_printed_are_those_of_the_file(home, capsys) -> None:
    assert main(["actions", "shop"]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = pd.DataFrame(rows(written(home)))
    total = next(line for line in lines if line.startswith("total"))
    held = found["group"].str.startswith("hold-out")
    assert total.split()[1:] == [f"{len(found):,}", f"{held.sum():,}"]
    for rule, own in found.groupby("rule"):
        line = next(line for line in lines if line.startswith(rule))
        assert line.removeprefix(rule).split() == [f"{len(own):,}", f"{held[own.index].sum():,}"]


def test_own_ids_only_where_asked_for_and_no_cell_starts_a_formula(home, capsys) -> None:
    assert main(["actions", "shop", "--identifiers"]) == 0
    assert "keep it to yourself" in capsys.readouterr().err
    found = {row["source_id"] for row in rows(written(home))}
    assert {"'=cmd|' /C calc'!A0", "'+8613800138000", "'@sum(1)", "'-1"} <= found
    assert not {item for item in found if item.startswith(("=", "+", "-", "@"))}
    assert any("张" in item for item in found)


@posix
def test_nobody_else_may_read_it_and_nothing_is_left_beside_it(home) -> None:
    assert main(["actions", "shop"]) == 0
    path = written(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    assert [item.name for item in path.parent.iterdir()] == ["actions.csv"]


def test_the_same_call_writes_the_same_bytes(home) -> None:
    assert main(["actions", "shop"]) == 0
    first = written(home).read_bytes()
    assert main(["actions", "shop"]) == 0
    assert written(home).read_bytes() == first


def test_campaigns_differ_in_nothing_but_the_group(home) -> None:
    found = []
    for name in ("spring", "autumn"):
        assert main(["actions", "shop", "--campaign", name]) == 0
        found.append(pd.DataFrame(rows(written(home))).set_index("pseudonym"))
    same = ["campaign", "group"]
    pd.testing.assert_frame_equal(*(frame.drop(columns=same) for frame in found))
    assert (found[0]["group"] != found[1]["group"]).any()


def test_who_joins_changes_nobodys_group(home) -> None:
    assert main(["actions", "shop"]) == 0
    before = pd.DataFrame(rows(written(home))).set_index("pseudonym")["group"]
    path = home / "data" / "brands" / "shop" / "lines.csv"
    lines = pd.read_csv(path)
    new = lines.head(60).assign(
        customer_id=[f"A{number:02d}" for number in range(60)],
        order_id=range(900_000, 900_060),
    )
    pd.concat([new, lines]).to_csv(path, index=False)
    (path.parent / "rules.yaml").write_text("assumptions: {holdout_share: 0.3}\n", "utf-8")
    assert main(["actions", "shop"]) == 0
    after = pd.DataFrame(rows(written(home))).set_index("pseudonym")["group"]
    both = before.index.intersection(after.index)
    assert len(both) > 100
    was, now = (item[both].str.startswith("hold-out") for item in (before, after))
    share = was.mean()
    # The share may have moved with the rules; whoever is held out at the smaller is at the larger.
    smaller, larger = (was, now) if share <= now.mean() else (now, was)
    assert larger[smaller].all()


def test_a_forecast_that_may_not_be_used_is_said(home, capsys) -> None:
    assert main(["actions", "shop"]) == 0
    errors = capsys.readouterr().err
    assert "no chances of a quieter stage on the list: fewer than 200 customers" in errors
    found = rows(written(home))
    assert {row["chance of a quieter stage"] for row in found} == {""}
    assert {row["likeliest next stage"] for row in found} == {""}


def test_the_chance_of_a_quieter_stage_stands_beside(home) -> None:
    brand = lr.open_brand("shop")
    plain = profile.offers.actions(brand, period=brand.period).table.to_pandas()
    silent = plain["stage"].isin(["cooling", "dormant", "lost"])
    ahead = plain[["customer_id"]].assign(
        stage=plain["stage"].where(silent, "active"),
        stage_next="dormant",
        chance_quieter=0.625,
        forecast_weeks=9,
    )
    rules = profile.offers.brand_rules(brand)
    result = profile.offers.actions(brand, period=brand.period, forecasts=ahead, rules=rules)
    profile.offers.write_actions(brand, result, rules=rules, language="en")
    found = rows(written(home))
    early = [row for row in found if row["rule"] == "Likely to fall silent"]
    assert early
    assert all("62.5% to stand in a quieter stage in 9 weeks" in row["reason"] for row in early)
    assert {row["chance of a quieter stage in 9 weeks"] for row in early} == {"62.5%"}
    assert {row["likeliest next stage"] for row in early} == {"Dormant"}


def test_in_chinese(home, capsys) -> None:
    assert main(["actions", "shop", "--ui", "zh"]) == 0
    out, errors = capsys.readouterr()
    assert "正在评估 14 条规则" in errors
    assert "对照组比例" in out
    first = rows(written(home))[0]
    assert list(first)[:4] == ["化名", "活动", "组别", "任务"]
    assert first["组别"] in {"触达", "对照组，不触达"}


def test_the_language_of_the_list_may_be_another(home) -> None:
    assert main(["actions", "shop", "--language", "zh"]) == 0
    assert "理由" in rows(written(home))[0]


def test_a_folder_of_ones_own(home, tmp_path) -> None:
    assert main(["actions", "shop", "--out", str(tmp_path / "lists")]) == 0
    assert rows(tmp_path / "lists" / "actions.csv")
    assert not written(home).exists()


def test_a_shorter_period(home, capsys) -> None:
    assert main(["actions", "shop", "--period", "2024-01..2024-09"]) == 0
    dates = pd.to_datetime([row["approach on"] for row in rows(written(home))])
    assert dates.min() == pd.Timestamp("2024-10-01")
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["shop", "--campaign", ""], "campaign: found ''"),
        (["shop", "--campaign", "a\nb"], "campaign: found"),
        (["shops"], "did you mean 'shop'?"),
        (["shop", "--period", "2024-13"], "period"),
        (["shop", "--out", "home/reports"], "where git or a report might take it up"),
        (["shop", "--out", "home/data/brands/shop"], "where git or a report might take it up"),
    ],
)
def test_refusals_are_one_line(home, capsys, arguments, told) -> None:
    assert main(["actions", *arguments]) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    complaints = [line for line in errors.splitlines() if told in line]
    assert len(complaints) == 1
    assert "Traceback" not in errors
    assert not list(home.rglob("actions.csv"))


@posix
@pytest.mark.parametrize("link", ["private", "private/shop", "private/shop/actions.csv"])
def test_links_are_refused(home, tmp_path, capsys, link) -> None:
    target = tmp_path / "open"
    target.mkdir()
    place = home / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target / "actions.csv" if place.suffix else target)
    assert main(["actions", "shop"]) == 2
    assert "is a link" in capsys.readouterr().err
    assert not list(target.iterdir())


def test_mistakes_in_the_brands_rules_are_all_told(home, capsys) -> None:
    rules = home / "data" / "brands" / "shop" / "rules.yaml"
    rules.write_text("tiers: {gold: -5}\nassumptions: {margin: 3}\nrule: []\n", "utf-8")
    assert main(["actions", "shop"]) == 2
    errors = capsys.readouterr().err
    for key in ("tiers.gold", "assumptions.margin", "rule: unknown key"):
        assert f"loyalty: data/brands/shop/rules.yaml: {key}" in errors
    assert not written(home).exists()


def test_a_brand_with_too_few_customers_has_no_list(home, capsys) -> None:
    path = home / "data" / "brands" / "shop" / "lines.csv"
    lines = pd.read_csv(path)
    lines[lines["customer_id"].isin(lines["customer_id"].unique()[:9])].to_csv(path, index=False)
    assert main(["actions", "shop"]) == 2
    assert "no list was made" in capsys.readouterr().err


def test_the_report_of_a_brand_holds_no_row_of_the_list(home) -> None:
    """What the notebook's section stores: counts and terms, no person and no pseudonym."""
    brand = lr.open_brand("shop")
    shown = protected(lr.attempt(profile.offers.actions, brand, period=brand.period))
    frames = {name: frame.astype(str).to_dict("list") for name, frame in shown.frames.items()}
    assert set(frames) >= {"summary", "stages", "weeks", "trial", "terms"}
    assert max(map(len, shown.frames.values())) < 30
    text = json.dumps([frames, [finding.as_dict() for finding in shown.findings]])
    assert not [item for item in hostile_lines()["customer_id"].unique() if item[:4] == "C000"
                and item in text]  # fmt: skip
    assert not (home.parent / "keys").exists()  # a report needs no secret
