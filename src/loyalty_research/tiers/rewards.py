"""What a programme gives back, to whom, and what it costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import ratio
from loyalty_research.tiers.common import (
    buyers,
    deciles,
    empty,
    given,
    has_values,
    named,
    no_value,
    point_values,
    result,
    state,
    withheld,
)
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run
from loyalty_research.tiers.rewards_views import reward_charts, reward_tables

_SECTION = "programme_rewards"


def rewards(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    redemption: str = AT_ONCE,
    period: Any = None,
) -> Result:
    """Tell the share of spend that comes back, by tenths of members, and what it costs.

    Parameters
    ----------
    brand
        An opened brand.
    programmes
        Programmes; None for the brand's own and its candidates.
    replays
        What :func:`replays` returned; the other arguments are not looked at then.
    redemption, period
        As in :func:`replays`.

    Returns
    -------
    Result
        Frames ``summary`` (a row a programme and tenth of members by spend, 1 lowest: members,
        net_sales, value, rate), ``points`` (a row a programme and wallet: opening, earned,
        redeemed, expired, closing in points, expired_share, and what the closing balance is worth
        at face value) and ``cost`` (items of cost, with those unknown). Nothing where no programme
        was replayed.

    Notes
    -----
    Value is the face value of the rewards redeemed in the period; rate = value / net sales of the
    members. A reward of unknown value counts nothing, so that the rate is a lower bound then; a
    value published as a maximum makes it an upper bound. Members of equal spend share a tenth.
    """
    made = given(brand, programmes, replays, redemption=redemption, period=period)
    if not made.runs:
        return empty(made, _SECTION)
    frames = {
        "summary": pd.concat([by_decile(run) for run in made.runs], ignore_index=True),
        "points": pd.concat([points(run) for run in made.runs], ignore_index=True),
        "cost": pd.concat([cost(run) for run in made.runs], ignore_index=True),
    }
    return result(
        made,
        _SECTION,
        frames,
        findings=(item for run in made.runs for item in _findings(made, run, frames)),
        charts=reward_charts(made, frames),
        tables=reward_tables(made, frames),
    )


def by_decile(run: Run) -> pd.DataFrame:
    """Add up members, net sales and value of rewards by tenth of spend."""
    own = buyers(run)
    own = own.assign(decile=deciles(own["net_sales"]))
    sums = own.groupby("decile").agg(
        members=("customer_id", "size"), net_sales=("net_sales", "sum"), value=("value", "sum")
    )
    frame = sums.reset_index()
    sales = frame["net_sales"].to_numpy(dtype=float)
    known = has_values(run)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(known & (sales > 0), frame["value"].to_numpy(dtype=float) / sales, np.nan)
    return frame.assign(rate=rate, **run.named())


def points(run: Run) -> pd.DataFrame:
    """Add up the points of each wallet; the closing balance at face value where it is known."""
    worth = point_values(run)
    totals = run.ledger.balances.groupby("wallet").sum(numeric_only=True)
    sums: dict[Any, dict[Any, Any]] = totals.to_dict("index")
    rows = []
    for wallet, about in run.programme.wallets.items():
        unit = run.ledger.units[wallet]
        moved = {
            name: int(sums.get(wallet, {}).get(name, 0)) / unit
            for name in ("opening", "earned", "redeemed", "expired", "closing")
        }
        each, held = worth.get(wallet), moved["opening"] + moved["earned"]
        rows.append(
            run.named()
            | {"wallet": wallet, "wallet_zh": about.name.zh, "wallet_en": about.name.en}
            | {"kind": about.kind}
            | moved
            | {
                "expired_share": moved["expired"] / held if held > 0 else np.nan,
                "face_value": np.nan if each is None else moved["closing"] * each,
            }
        )
    numbers = dict.fromkeys(["expired_share", "face_value"], float)
    return pd.DataFrame(rows).astype(numbers)


def outstanding(run: Run) -> float | None:
    """Return what all points left are worth at face value; None where no wallet tells."""
    known = points(run)["face_value"].dropna()
    return float(known.sum()) if len(known) else None


def cost(run: Run) -> pd.DataFrame:
    """Return the items of cost of a programme, levels added up; missing where unknown."""
    frame = run.ledger.cost
    keys = ["item", "item_zh", "item_en", "kind"]
    sums = frame.groupby(keys, sort=False)[["uses", "value", "amount"]].sum(min_count=1)
    return sums.reset_index().assign(**run.named())


def rate_of(run: Run) -> Any:
    """Return value of rewards over net sales of the members with an order, with its interval."""
    own = buyers(run)
    return ratio(own["value"].to_numpy(dtype=float), own["net_sales"].to_numpy(dtype=float))


def _findings(made: Replays, run: Run, frames: dict[str, pd.DataFrame]) -> list[Finding]:
    own = frames["summary"][frames["summary"]["programme"] == run.programme.id]
    common: dict[str, Any] = {"about": (run,), "section": _SECTION}
    total = float(own["value"].sum())
    if not total:
        return [
            withheld(
                made,
                "programme_rate",
                no_value(made, (run,)),
                definition="reward_rate",
                values={"programme": named(run)},
                **common,
            )
        ]
    top = own[own["decile"] == own["decile"].max()].iloc[0]
    found = [
        state(
            made,
            "programme_rate",
            rate_of(run),
            unit="share",
            definition="reward_rate",
            method="ratio",
            values={
                "programme": named(run),
                "value": Value(total, "money"),
                "sales": Value(float(own["net_sales"].sum()), "money"),
            },
            **common,
        ),
        state(
            made,
            "programme_top_share",
            float(top["value"]) / total,
            base=int(own["members"].sum()),
            unit="share",
            definition="reward_concentration",
            method="count",
            values={
                "programme": named(run),
                "sales": Value(float(top["net_sales"]) / float(own["net_sales"].sum()), "share"),
                "members": Value(int(top["members"]), "customers"),
            },
            **common,
        ),
    ]
    return [*found, *_expired(made, run, frames["points"], common)]


def _expired(made: Replays, run: Run, frame: pd.DataFrame, common: Any) -> list[Finding]:
    """State how much of the points expired, of the main programme's largest wallet."""
    if run is not made.main:
        return []
    own = frame[(frame["programme"] == run.programme.id) & (frame["expired"] > 0)]
    own = own[own["kind"] != "qualifying"]
    own = own.sort_values("expired", ascending=False).head(1)
    return [
        state(
            made,
            "programme_expired",
            float(row["expired_share"]),
            base=len(buyers(run)),
            unit="share",
            definition="expired_share",
            method="count",
            values={
                "programme": named(run),
                "wallet": Value({"zh": row["wallet_zh"], "en": row["wallet_en"]}, "bilingual"),
            },
            **common,
        )
        for _, row in own.iterrows()
    ]
