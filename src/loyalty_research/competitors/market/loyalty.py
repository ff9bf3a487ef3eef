"""Section: brands beside what brands of their size have anyway (double jeopardy)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from loyalty_research.competitors.market.common import named, stated, with_labels, withheld
from loyalty_research.competitors.market.compare import LOYALTY, against_model
from loyalty_research.competitors.market.loyalty_views import (
    beside_table,
    jeopardy_chart,
    model_table,
)
from loyalty_research.competitors.market.opened import Category, Markets
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "market_loyalty"
_SHOWN = ("penetration", "purchase_frequency", LOYALTY)


def loyalty(markets: Markets) -> Result:
    """Set each brand's loyalty beside what the NBD-Dirichlet has for a brand of its size.

    Parameters
    ----------
    markets
        Of :func:`open_markets`.

    Returns
    -------
    Result
        Frame ``summary``: one row a category, brand and measure: observed, expected, excess
        (observed / expected - 1) with its interval, p_value, verdict (``above``, ``alike``,
        ``below``, ``few``); a frame a category with one row a brand; ``models``: one row a category
        with M, K and S and their intervals.

    Notes
    -----
    Small brands have fewer buyers, who buy a little less often and meet less of their needs from
    them, in any market whose households choose at random with chances of their own. Only what lies
    beyond that, after Holm's test over the brands of a category, is called more or less loyal.
    """
    fitted = [item for item in markets.categories if item.fit is not None]
    long = {item.id: against_model(item.fit, seed=item.seed, least=markets.context.base_limit)
            for item in fitted if item.fit is not None}  # fmt: skip
    wide = {item.id: _wide(item, long[item.id]) for item in fitted}
    frames = {**wide, "models": _models(fitted)}
    if long:
        several = [frame.assign(category=name) for name, frame in long.items()]
        frames["summary"] = pd.concat(several, ignore_index=True)
    return result(
        markets,
        _SECTION,
        frames,
        findings=_findings(markets, long),
        charts=[jeopardy_chart(markets, item, wide[item.id]) for item in fitted],
        tables=[
            *(beside_table(markets, item) for item in fitted),
            *([model_table(markets, fitted)] if fitted else []),
        ],
        references=("goodhardt1984", "rungie2004", "ehrenberg1990"),
    )


def _wide(category: Category, long: pd.DataFrame) -> pd.DataFrame:
    """Return one row a brand, with observed and expected of each measure."""
    frame = pd.DataFrame({"brand": list(category.panel.named)})
    buyers = (category.panel.counts > 0).sum(axis=0)
    frame["buyers"] = buyers[: len(frame)].astype(int)
    for name in _SHOWN:
        own = long[long["measure"] == name].reset_index(drop=True)
        frame[name], frame[f"{name}_expected"] = own["observed"], own["expected"]
        if name == LOYALTY:
            for column in ("excess", "low", "high", "verdict"):
                frame[column] = own[column]
    return with_labels(frame, category)


def _models(fitted: list[Category]) -> pd.DataFrame:
    rows = []
    for item in fitted:
        assert item.fit is not None
        row = {
            "category_zh": item.name.zh,
            "category_en": item.name.en,
            "buyers": int(item.panel.counts.any(axis=1).sum()),
            "households": item.panel.households,
        }
        for name in "MKS":
            found = item.fit.estimate(name)
            row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
        rows.append(row)
    return pd.DataFrame(rows)


def _findings(markets: Markets, long: dict[str, pd.DataFrame]) -> Iterator[Finding]:
    for item in markets.categories:
        if item.id not in long:
            yield withheld(
                markets, _SECTION, "market_excess", item, item.refusal,
                definition="share_of_requirements", subject="market_loyalty",
            )  # fmt: skip
            continue
        own = long[item.id]
        own = own[own["measure"] == LOYALTY]
        judged = own[own["verdict"].isin(["above", "below"])]
        yield (_exceptional if len(judged) else _ordinary)(markets, item, own)
        if 2 * len(judged) > int((own["verdict"] != "few").sum()):
            yield _misfit(markets, item, own)


def _exceptional(markets: Markets, category: Category, own: pd.DataFrame) -> Finding:
    beyond = own[own["verdict"].isin(["above", "below"])]
    row = beyond.iloc[int(beyond["p_value"].to_numpy().argmin())]
    buyers = int((category.panel.counts[:, category.panel.brands.index(row["brand"])] > 0).sum())
    return stated(
        markets,
        _SECTION,
        f"market_excess_{row['verdict']}",
        category,
        Estimate(row["excess"], row["low"], row["high"], buyers),
        unit="change",
        definition="share_of_requirements",
        method="nbd_dirichlet",
        subject="market_loyalty",
        task="retain",
        values={
            "brand": named(category, row["brand"]),
            "observed": Value(row["observed"], "share"),
            "expected": Value(row["expected"], "share"),
            "above": Value(int((own["verdict"] == "above").sum()), "count"),
            "below": Value(int((own["verdict"] == "below").sum()), "count"),
            "brands": Value(int((own["verdict"] != "few").sum()), "count"),
        },
    )


def _ordinary(markets: Markets, category: Category, own: pd.DataFrame) -> Finding:
    judged = own[own["verdict"] != "few"]
    return stated(
        markets,
        _SECTION,
        "market_as_expected",
        category,
        float(len(judged)),
        unit="count",
        definition="share_of_requirements",
        method="nbd_dirichlet",
        base=len(category.panel.counts),
        subject="market_loyalty",
        values={
            "low": Value(float(judged["excess"].min()) if len(judged) else None, "change"),
            "high": Value(float(judged["excess"].max()) if len(judged) else None, "change"),
        },
    )


def _misfit(markets: Markets, category: Category, own: pd.DataFrame) -> Finding:
    return stated(
        markets,
        _SECTION,
        "market_misfit",
        category,
        float(own["verdict"].isin(["above", "below"]).sum()),
        unit="count",
        definition="share_of_requirements",
        method="nbd_dirichlet",
        base=len(category.panel.counts),
        subject="market_loyalty",
        values={"brands": Value(int((own["verdict"] != "few").sum()), "count")},
    )
