"""What a simulation returns: totals, customers, weeks; and what it gains over another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from loyalty_research.programmes.kernel_codes import E4
from loyalty_research.programmes.plan_rows import level_ids
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation.design import Costs
from loyalty_research.tiers.simulation.population import Population
from loyalty_research.tiers.simulation.priors import Responses
from loyalty_research.tiers.simulation.run import Done, Settings

if TYPE_CHECKING:
    from loyalty_research.results import Result

NO_MEMBER = "none"
"""Level of customers who are no members."""
_WEEKS = 365.25 / 7
_EVER_ALIVE = -1
ORDER_COLUMNS = ["order_id", "customer_id", "ordered_at", "net_sales", "template", "points_used"]


@dataclass(frozen=True, eq=False, repr=False)
class Simulation:
    """One programme simulated on a population; what it says is assumed, not observed.

    Money is in currency units; discounted where a name says so.

    Parameters
    ----------
    programme, population, settings, responses
        What was simulated, on whom, how, with which responses.
    fixed_cost
        Once at the start.
    costs
        Of the programme.
    shares
        Share of members by level that benefits were valued with.
    done
        Arrays of the loop.
    draws
        Totals by draw from the priors; empty where none were asked for.
    """

    programme: Programme
    population: Population
    settings: Settings
    responses: Responses
    fixed_cost: float
    costs: Costs
    shares: Mapping[str, float]
    done: Done = field(repr=False)
    draws: pd.DataFrame = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"Simulation({self.programme.id}, {self.population.size} customers, "
            f"{self.settings.periods} weeks, seed {self.settings.seed})"
        )

    @property
    def not_counted(self) -> tuple[str, ...]:
        """Rewards and benefits whose cost is unknown and stands in no total."""
        return self.costs.not_counted

    @property
    def period(self) -> tuple[str, str]:
        """First and last day, washout included, as ISO strings."""
        last = self.population.start + dt.timedelta(days=7 * len(self.done.weeks) - 1)
        return self.population.start.isoformat(), last.isoformat()

    @cached_property
    def gains(self) -> np.ndarray:
        """Discounted gain of each customer (n,), change of the liability taken off."""
        return gains_of(self.done, self.costs, self.settings)

    @cached_property
    def totals(self) -> pd.Series[float]:
        """Totals of all customers.

        gain, margin, reward_cost, displaced, benefit_cost (discounted), fixed_cost,
        liability_start, liability_end, orders, net_sales, redemptions, retained (customers still
        there at the end), members, participation (share of members with a redemption), able (share
        of members below the top who at the start reach the next level within a window at one and a
        half times their base pace).
        """
        found = totals_of(self.done, self.costs, self.settings, self.fixed_cost)
        return pd.Series(found, name=self.programme.id)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row a customer: orders, net sales, discounted money, level, alive, gain."""
        people = self.done.people
        names = np.array([NO_MEMBER, *level_ids(self.programme)], dtype=object)
        return pd.DataFrame(
            {
                "customer_id": self.population.ids.to_pylist(),
                "orders": people["orders"],
                "net_sales": people["net"] / E4,
                "redemptions": people["redemptions"],
                "margin": people["margin"],
                "reward_cost": people["reward"],
                "displaced": people["displaced"],
                "benefit_cost": people["benefit"],
                "gain": self.gains,
                "retained": people["left_week"] == _EVER_ALIVE,
                "member": people["joined"] == 1,
                "tier_start": names[people["level_start"] + 1],
                "tier": names[people["level"] + 1],
            }
        )

    @cached_property
    def weeks(self) -> pd.DataFrame:
        """One row a week and level at its start: living customers, orders, money, redemptions."""
        weeks, levels, _ = self.done.weeks.shape
        names = [*level_ids(self.programme), NO_MEMBER]
        alive, orders, net, reward, taken = self.done.weeks.reshape(weeks * levels, -1).T
        start = self.population.start
        return pd.DataFrame(
            {
                "week": np.repeat(np.arange(weeks), levels),
                "day": np.repeat([start + dt.timedelta(days=7 * w) for w in range(weeks)], levels),
                "tier": np.tile(np.array(names, dtype=object), weeks),
                "customers": alive,
                "orders": orders,
                "net_sales": net / E4,
                "reward_cost": reward / E4,
                "redemptions": taken,
            }
        )

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Simulated orders, where they were kept.

        Columns order_id, customer_id, ordered_at, net_sales, template (its number in the
        population), points_used (redeemed with it, in the wallet's smallest unit).
        """
        if self.done.orders is None:
            return pd.DataFrame(columns=ORDER_COLUMNS)
        rows = self.done.orders
        ids = np.array(self.population.ids.to_pylist(), dtype=object)
        return pd.DataFrame(
            {
                "order_id": np.arange(len(rows)),
                "customer_id": pd.Series(ids[rows[:, 0]]).infer_objects(),
                "ordered_at": rows[:, 1].astype("datetime64[us]"),
                "net_sales": rows[:, 2] / E4,
                "template": rows[:, 3],
                "points_used": rows[:, 4],
            }
        )

    def compare(self, baseline: Simulation) -> Result:
        """Set the simulation against another on the same random numbers.

        Parameters
        ----------
        baseline
            The same population, weeks and seed under another programme.

        Returns
        -------
        Result
            Frames ``summary`` (a row a measure: this one, baseline, difference, its 90 % interval
            from simulation noise and, with draws, from the responses), ``groups`` (by fifth of the
            base rate: customers, gain, who gains) and ``levels``.

        Raises
        ------
        ParameterError
            Where the two are not simulated alike.
        """
        from loyalty_research.tiers.simulation.compare import compared

        return compared(self, baseline)


def redeemed_shares(done: Done) -> np.ndarray:
    """Return by wallet the share of points that left by being redeemed; 1 where none left."""
    left = done.flows.sum(axis=1)
    return np.where(left > 0, done.flows[:, 0] / np.maximum(left, 1), 1.0)


def liabilities(done: Done, costs: Costs) -> tuple[np.ndarray, np.ndarray]:
    """Return what each customer's points cost at the start and at the end (n,)."""
    each = costs.point_cost * redeemed_shares(done)
    return done.opening @ each, done.closing @ each


def gains_of(done: Done, costs: Costs, settings: Settings) -> np.ndarray:
    """Return each customer's discounted gain (n,)."""
    people = done.people
    opening, closing = liabilities(done, costs)
    last = (1.0 + settings.discount) ** (-(len(done.weeks) - 1) / _WEEKS)
    money = people["margin"] - people["reward"] - people["displaced"] - people["benefit"]
    return money - (closing - opening) * last


def totals_of(done: Done, costs: Costs, settings: Settings, fixed_cost: float) -> dict[str, float]:
    """Return totals of all customers.

    Returns
    -------
    dict
        As ``Simulation.totals``.
    """
    people = done.people
    opening, closing = liabilities(done, costs)
    members = people["joined"] == 1
    able = people["able"]
    below = (able == 0) | (able == 1)
    return {
        "gain": float(gains_of(done, costs, settings).sum() - fixed_cost),
        "margin": float(people["margin"].sum()),
        "reward_cost": float(people["reward"].sum()),
        "displaced": float(people["displaced"].sum()),
        "benefit_cost": float(people["benefit"].sum()),
        "fixed_cost": fixed_cost,
        "liability_start": float(opening.sum()),
        "liability_end": float(closing.sum()),
        "orders": float(people["orders"].sum()),
        "net_sales": float(people["net"].sum() / E4),
        "redemptions": float(people["redemptions"].sum()),
        "retained": float((people["left_week"] == _EVER_ALIVE).sum()),
        "members": float(members.sum()),
        "participation": _share((people["redemptions"] > 0) & members, members),
        "able": _share(able == 1, below),
    }


def _share(part: np.ndarray, whole: np.ndarray) -> float:
    return float(part.sum() / whole.sum()) if whole.any() else float("nan")
