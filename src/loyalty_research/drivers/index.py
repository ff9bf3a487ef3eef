"""Attitude and behaviour together: the two-by-two of loyalty, where it tells more than either."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.common import CHAPTER, empty
from loyalty_research.drivers.index_views import index_charts, index_tables
from loyalty_research.drivers.retention_cuts import Plan, plan_cuts
from loyalty_research.drivers.retention_features import features_at, purchases_after
from loyalty_research.drivers.scores_rows import answered_days
from loyalty_research.drivers.survey.answers import Answers
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import Opened, open_survey
from loyalty_research.engine import collect
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Days, as_days, valid_orders
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, proportion, ratio, seed_from

__all__ = ["loyalty_index"]
_SECTION = "loyalty_index"
_LEAST = 100
_FOLDS = 5
PARTS = ("attitude", "behaviour")
KINDS = {
    (True, True): "true",
    (True, False): "latent",
    (False, True): "spurious",
    (False, False): "low",
}


@dataclass(frozen=True, slots=True)
class Joined:
    """Respondents whose purchases are known.

    Parameters
    ----------
    rows
        One row a respondent: customer_id, attitude, occasions and net_sales up to the cut, bought
        (purchase days after it).
    plan
        The cut, and the weeks after it.
    dated
        Whether the survey tells the day of the interview.
    """

    rows: pd.DataFrame
    plan: Plan
    dated: bool

    @property
    def cut(self) -> dt.date:
        """Last day of what counts as behaviour."""
        return self.plan.cuts[-1]


def loyalty_index(brand: Any, *, model: Any = None, period: Any = None) -> Result:
    """Tell how attitude and behaviour go together, where both say more of the next weeks than one.

    Parameters
    ----------
    brand
        A brand with a survey; its respondents must be linked to purchases by customer_id.
    model
        A survey model or its name; None for the one the brand file names. Attitude is the mean of
        the items of its outcome.
    period
        A brand's period or (first day, last day); None for the brand's.

    Returns
    -------
    Result
        Frame ``summary``: where the two together predict better than each, one row a kind (true,
        latent, spurious, low loyalty: respondents, share, purchases in the next weeks); else one
        row for the upper and the lower half of the part that predicts better. Frame ``parts``: how
        well each part and both predict.

    Raises
    ------
    MissingTableError
        Where the brand has no survey, or the survey not all columns of the model.

    Notes
    -----
    Behaviour is the logarithm of purchase days in the history before the last weeks of the period,
    one added. Logarithms of the purchase days in those weeks, one added, are predicted by lines in
    either or both, fitted to four fifths of the respondents and judged on the fifth, five times.
    Both count as better where the interval of the gain in squared error, over either, leaves out 0.
    High is at or above the median.

    References
    ----------
    Dick & Basu 1994, Journal of the Academy of Marketing Science 22(2), 99-113.
    """
    opened = open_survey(brand, model, section=_SECTION, period=period)
    if opened.model is None or opened.answers is None:
        return _withheld(opened, opened.reason)
    joined = _join(brand, opened.model, opened.answers, _period(brand, period))
    if isinstance(joined, str):
        return _withheld(opened, joined)
    base = len(joined.rows)
    if base < _LEAST:
        return _withheld(opened, "few_linked", base=base, linked=base)
    parts = judge_parts(joined.rows)
    both = bool(parts.set_index("part").loc["both", "better"])
    better = str(parts.set_index("part").loc[list(PARTS), "error"].idxmin())
    summary = _kinds(joined.rows) if both else _halves(joined.rows, better)
    frames = {"summary": summary, "parts": parts}
    return Result(
        name=_SECTION,
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=_findings(opened, joined, frames, better, both=both),
        charts=index_charts(frames, joined.plan, base, opened.days, both=both, dated=joined.dated),
        tables=index_tables(joined.plan, base, opened.days, both=both, dated=joined.dated),
        references=("dick1994",),
        context=opened.context,
    )


def _period(brand: Any, period: Any) -> Days:
    return as_days(period if period is not None else brand.period)


def _withheld(opened: Opened, reason: str, *, base: int = 0, linked: int = 0) -> Result:
    values = dict(opened.values) | {
        "linked": Value(linked, "respondents"),
        "needed": Value(_LEAST, "respondents"),
    }
    gone = opened.state.withheld(
        "index_kinds", reason, definition="attitude_behaviour", base=base, values=values
    )
    return empty(_SECTION, opened.context, gone)


def _join(brand: Any, model: SurveyModel, answers: Answers, days: Days) -> Joined | str:
    """Return respondents with their purchases, or why they cannot be joined."""
    has = getattr(brand, "has", None)
    if answers.customer is None or has is None or not has("orders"):
        return "not_linked"
    plan = plan_cuts(days)
    if plan is None:
        return "activity_period_too_short"
    attitude = answers.construct_means(model)[model.outcome]
    rows = pd.DataFrame({"customer_id": answers.customer, "attitude": attitude})
    asked, cut = answered_days(brand), plan.cuts[-1]
    if asked is not None:
        rows = rows[(asked <= pd.Timestamp(cut)).to_numpy()]
    rows = rows.dropna().drop_duplicates("customer_id", ignore_index=True)
    orders = valid_orders(brand.orders, "customer_id")
    before = features_at(orders, start=plan.start(cut), cut=cut, recent=plan.weeks * 7)
    after = collect(
        purchases_after(orders, cut=cut.isoformat(), end=plan.end.isoformat()),
        sort_by=["customer_id"],
    )
    rows = rows.merge(before[["customer_id", "occasions", "net_sales"]], how="left")
    rows = rows.merge(after[["customer_id", "bought"]], how="left")
    filled = rows[["occasions", "net_sales", "bought"]].astype(float).fillna(0.0)
    rows[["occasions", "net_sales", "bought"]] = filled
    return Joined(rows, plan, asked is not None)


def judge_parts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how well attitude, behaviour and both predict the purchases that came next.

    Parameters
    ----------
    rows
        One row a respondent: attitude, occasions, bought.

    Returns
    -------
    pandas.DataFrame
        part, error (mean squared, of the logarithm), explained (share of the variance), and for
        ``both`` gain with gain_low and gain_high over the nearer part, and better.
    """
    outcome = np.log1p(rows["bought"].to_numpy(dtype=float))
    columns = {
        "attitude": rows["attitude"].to_numpy(dtype=float)[:, None],
        "behaviour": np.log1p(rows["occasions"].to_numpy(dtype=float))[:, None],
    }
    columns["both"] = np.hstack([columns["attitude"], columns["behaviour"]])
    errors = {name: _held_out(x, outcome) for name, x in columns.items()}
    spread = float(np.mean((outcome - outcome.mean()) ** 2)) or 1.0
    gains = {name: ratio(errors[name] - errors["both"], np.ones(len(rows))) for name in PARTS}
    nearest = min(PARTS, key=lambda name: float(errors[name].mean()))
    better = all(item.low is not None and item.low > 0 for item in gains.values())
    found = []
    for name, error in errors.items():
        own = gains[nearest] if name == "both" else Estimate(None, None, None, len(rows))
        found.append(
            {
                "part": name,
                "error": float(error.mean()),
                "explained": 1 - float(error.mean()) / spread,
                "gain": own.value,
                "gain_low": own.low,
                "gain_high": own.high,
                "better": better and name == "both",
            }
        )
    return pd.DataFrame(found)


def _held_out(x: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Return squared errors (n,) of a line fitted without the fifth each row is in."""
    rng = np.random.default_rng(seed_from("loyalty_index", str(len(outcome))))
    fold = rng.permutation(len(outcome)) % _FOLDS
    design = np.column_stack([np.ones(len(outcome)), x])
    errors = np.empty(len(outcome))
    for number in range(_FOLDS):
        out = fold == number
        line, *_ = np.linalg.lstsq(design[~out], outcome[~out], rcond=None)
        errors[out] = (outcome[out] - design[out] @ line) ** 2
    return errors


def _high(values: pd.Series[Any]) -> np.ndarray:
    return (values >= values.median()).to_numpy()


def _kinds(rows: pd.DataFrame) -> pd.DataFrame:
    attitude, behaviour = _high(rows["attitude"]), _high(rows["occasions"])
    return pd.DataFrame(
        [
            _row(name, rows, (attitude == warm) & (behaviour == often))
            for (warm, often), name in KINDS.items()
        ]
    )


def _halves(rows: pd.DataFrame, part: str) -> pd.DataFrame:
    high = _high(rows["attitude" if part == "attitude" else "occasions"])
    return pd.DataFrame([_row(f"{part}_high", rows, high), _row(f"{part}_low", rows, ~high)])


def _row(name: str, rows: pd.DataFrame, own: np.ndarray) -> dict[str, Any]:
    share = proportion(int(own.sum()), len(rows))
    came = rows["bought"].to_numpy(dtype=float)[own]
    mean = ratio(came, np.ones(len(came)))
    again = proportion(int((came > 0).sum()), len(came))
    return {
        "kind": name,
        "respondents": int(own.sum()),
        "share": share.value,
        "share_low": share.low,
        "share_high": share.high,
        "next_days": mean.value,
        "next_low": mean.low,
        "next_high": mean.high,
        "again": again.value,
        "again_low": again.low,
        "again_high": again.high,
        "net_sales": float(rows["net_sales"].to_numpy(dtype=float)[own].sum()),
    }


def _findings(
    opened: Opened,
    joined: Joined,
    frames: dict[str, pd.DataFrame],
    better: str,
    *,
    both: bool,
) -> tuple[Finding, ...]:
    state, explained = opened.state, frames["parts"].set_index("part")["explained"].to_dict()
    base = len(joined.rows)
    values = {
        "weeks": Value(joined.plan.weeks, "count"),
        "part": Value(better, "label:loyalty_part"),
        "explained": Value(explained[better], "share"),
        "attitude": Value(explained["attitude"], "share"),
        "behaviour": Value(explained["behaviour"], "share"),
        "both": Value(explained["both"], "share"),
    }
    summary: dict[Any, dict[Any, Any]] = {
        row["kind"]: row for row in frames["summary"].to_dict("records")
    }
    if not both:
        kinds = state.withheld(
            "index_kinds", "part_enough", definition="attitude_behaviour", base=base, values=values
        )
        high, low = summary[f"{better}_high"], summary[f"{better}_low"]
        return kinds, state(
            "index_part",
            Estimate(high["next_days"], high["next_low"], high["next_high"], base),
            unit="number",
            definition="attitude_behaviour",
            method="mean",
            subject="index_part",
            values=values | {"low_days": Value(float(low["next_days"]), "number")},
        )
    latent = summary["latent"]
    return (
        state(
            "index_kinds",
            Estimate(latent["share"], latent["share_low"], latent["share_high"], base),
            unit="share",
            definition="attitude_behaviour",
            method="wilson",
            subject="index_kinds",
            task="activate",
            group="index_latent",
            at_stake=float(latent["net_sales"]),
            values=values
            | {
                name: Value(float(summary[name]["share"]), "share")
                for name in ("true", "spurious", "low")
            },
        ),
    )
