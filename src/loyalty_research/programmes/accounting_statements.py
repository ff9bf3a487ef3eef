"""What is said of the contract liability of a programme."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from loyalty_research.engine import Context
from loyalty_research.findings import Finding, Value, state
from loyalty_research.programmes.accounting_months import POINT, Pool, closing_with
from loyalty_research.programmes.accounting_price import PointPrice
from loyalty_research.programmes.run_off import ExpectedRedemption

SECTION = "accounting"
OPEN = 0.0005
"""Share of the points from which an unknown end is told: what would show in the rate."""
_HUNDRED = 100
"""Points whose value is told: that of one point is often below a cent."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What the points of one wallet owe.

    Parameters
    ----------
    wallet, name, pool, price
        Its id, its name by language, its points, and the value of one.
    deferred
        Currency units allocated to the points of each month.
    months
        Of :func:`~loyalty_research.programmes.accounting_months.liability_months`.
    expected
        Run-off at the end of the period.
    """

    wallet: str
    name: Mapping[str, str]
    pool: Pool
    price: PointPrice
    deferred: list[Decimal]
    months: pd.DataFrame
    expected: ExpectedRedemption

    @property
    def closing(self) -> float:
        """Liability at the end of the period."""
        return float(self.months["closing"].iloc[-1])

    @property
    def is_open(self) -> bool:
        """Whether the end of some points lies beyond the ages observed."""
        return self.expected.unknown > OPEN

    def closing_at(self, rate: float | None) -> float | None:
        """Return the closing liability with another share of the points redeemed in the end."""
        if rate is None:
            return None
        ahead = self.expected.cohorts["expected"] - self.expected.cohorts["redeemed"]
        wanted = rate * self.expected.earned - self.expected.redeemed
        scale = max(wanted, 0.0) / self.expected.expected if self.expected.expected else 0.0
        return closing_with(self.pool, self.deferred, ahead.to_numpy(dtype=float) * scale)

    def one_point_lower(self) -> float:
        """Return by how much the liability falls with one point fewer of all issued redeemed."""
        cohorts = self.expected.cohorts
        ahead = (cohorts["expected"] - cohorts["redeemed"]).to_numpy(dtype=float)
        now = closing_with(self.pool, self.deferred, ahead)
        fewer = ahead - POINT * cohorts["earned"].to_numpy(dtype=float)
        return now - closing_with(self.pool, self.deferred, fewer)

    def row(self) -> dict[str, Any]:
        """Return the wallet as a row: points in whole points, amounts in currency units."""
        found, units = self.expected, self.pool.units
        return {
            "wallet": self.wallet,
            "wallet_zh": self.name["zh"],
            "wallet_en": self.name["en"],
            "outstanding": found.outstanding / units,
            "expected": found.expected / units,
            "price_hundred": float(self.pool.price * _HUNDRED),
            "price_basis": self.price.basis,
            "rate": found.rate.value,
            "rate_low": found.least.low if self.is_open else found.rate.low,
            "rate_high": found.rate.high,
            "least": found.least.value,
            "closing": self.closing,
        }


@dataclass(frozen=True, slots=True)
class Statements:
    """States findings on one ledger with the same period, base, policy and evidence.

    Parameters
    ----------
    context
        Of the rows, in the ledger's currency.
    period
        First and last day, ISO.
    programme
        Name by language.
    policy
        ``observed``, ``at_once`` or ``saving`` (for one reward).
    proposed
        Whether nobody runs the programme, so that its points were never earned.
    base
        Members who earned points.
    notes
        Small print of every view.
    """

    context: Context
    period: tuple[str, str]
    programme: Mapping[str, str]
    policy: str
    proposed: bool
    base: int
    notes: tuple[str, ...] = ()
    section: str = SECTION

    @classmethod
    def of(cls, ledger: Any) -> Statements:
        """Return that of a ledger."""
        pair = ledger.period
        days = (pair.start, pair.end) if hasattr(pair, "end") else tuple(pair)
        first, last = (str(pd.Timestamp(day).date()) for day in days)
        known = {"none", "at_once", "observed"}
        policy = ledger.redemption if ledger.redemption in known else "saving"
        earned = ledger.balances[ledger.balances["earned"] > 0]
        bounded = any(reward.value_is == "at_most" for reward in ledger.programme.rewards)
        notes = ["no_behaviour", f"redeemed_{policy}", "liability_portfolio"]
        notes += ["value_at_most"] if bounded else []
        notes += ["liability_unconverted"] if ledger.programme.conversions else []
        return cls(
            context=dataclasses.replace(ledger.context, currency=ledger.currency),
            period=(first, last),
            programme=ledger.programme.name.model_dump(),
            policy=policy,
            proposed=ledger.programme.origin == "proposal",
            base=int(earned["customer_id"].nunique()),
            notes=tuple(notes),
        )

    def __call__(self, template: str, estimate: float | None, **rest: Any) -> Finding:
        """Return a finding; ``assumed`` for a proposal, or where a policy redeemed, not members."""
        evidence = self.context.evidence
        if evidence == "observed" and (self.policy != "observed" or self.proposed):
            evidence = "assumed"
        finding = Finding(
            id=template,
            template=template,
            chapter="tiers",
            section=self.section,
            subject=self.section,
            estimate=estimate,
            base=self.base,
            base_unit="customers",
            period=self.period,
            method=rest.pop("method", "run_off"),
            evidence=evidence,
            provenance=self.context.provenance,
            **rest,
        )
        return state(finding, base_limit=self.context.base_limit)

    def withheld(self, reason: str) -> tuple[Finding]:
        """Return the one finding that says why nothing is told."""
        return (
            self(
                "liability_closing",
                None,
                unit="money",
                definition="points_liability",
                method="none",
                status="withheld",
                reason=reason,
            ),
        )

    @property
    def lead(self) -> dict[str, Value]:
        """What begins a sentence: the programme, and how points were redeemed."""
        return {
            "programme": Value(self.programme, "bilingual"),
            "basis": Value(self.policy, "label:redemption_basis"),
        }


def statements(
    said: Statements, owed: tuple[Owed, ...], months: pd.DataFrame
) -> tuple[Finding, ...]:
    """Return what is said: the liability, the expected redemption, and how one moves the other."""
    return (
        _closing(said, owed, months),
        _redemption(said, owed[0]),
        said(
            "liability_point",
            sum(one.one_point_lower() for one in owed),
            unit="money",
            definition="points_liability",
            values=said.lead | {"closing": Value(_closing_sum(months), "money")},
        ),
    )


def _closing_sum(months: pd.DataFrame) -> float:
    return float(months["closing"].iloc[-1])


def _closing(said: Statements, owed: tuple[Owed, ...], months: pd.DataFrame) -> Finding:
    main, is_open = owed[0], any(one.is_open for one in owed)
    found = main.expected
    values = said.lead | {
        "month": Value(str(months["month"].iloc[-1]), "month"),
        "points": Value(found.outstanding / main.pool.units, "count"),
        "price": Value(float(main.pool.price * _HUNDRED), "money"),
        "hundred": Value(_HUNDRED, "count"),
        "price_basis": Value(main.price.basis, "label:point_price"),
    }
    rest: dict[str, Any] = {"unit": "money", "definition": "points_liability"}
    if is_open:
        least = sum(one.closing_at(one.expected.least.value) or 0.0 for one in owed)
        values |= {"least": Value(least, "money"), "ages": Value(len(found.ages), "months")}
        return said("liability_closing_most", _closing_sum(months), values=values, **rest)
    bounds = [(one.closing_at(one.expected.rate.low), one.closing_at(one.expected.rate.high))
              for one in owed]  # fmt: skip
    low, high = (
        None
        if any(pair[side] is None for pair in bounds)
        else sum(pair[side] or 0 for pair in bounds)
        for side in (0, 1)
    )
    level = found.rate.level if low is not None else None
    return said(
        "liability_closing",
        _closing_sum(months),
        low=low,
        high=high,
        level=level,
        values=values,
        **rest,
    )


def _redemption(said: Statements, main: Owed) -> Finding:
    found = main.expected
    values = said.lead | {
        "so_far": Value(found.redeemed / found.earned, "share"),
        "months": Value(int((found.cohorts["earned"] > 0).sum()), "months"),
    }
    rest: dict[str, Any] = {"unit": "share", "definition": "expected_redemption"}
    if main.is_open:
        values |= {
            "least": Value(found.least.value, "share"),
            "ages": Value(len(found.ages), "months"),
        }
        return said("liability_redemption_range", found.rate.value, values=values, **rest)
    rate = found.rate
    level = rate.level if rate.low is not None else None
    return said(
        "liability_redemption",
        rate.value,
        low=rate.low,
        high=rate.high,
        level=level,
        values=values,
        **rest,
    )
