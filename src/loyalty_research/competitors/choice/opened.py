"""A brand's market, opened for the study of choices: read once, fitted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from loyalty_research.brand import Bilingual
from loyalty_research.competitors.choice.carried import Carried, fit_carried
from loyalty_research.competitors.choice.draws import Told, told
from loyalty_research.competitors.choice.occasions import Occasions, read_occasions
from loyalty_research.competitors.choice.tills import Till
from loyalty_research.competitors.market import Markets, open_markets
from loyalty_research.engine import Context
from loyalty_research.errors import DataError, MissingTableError, problem
from loyalty_research.profile.common import Days, as_days


@dataclass(frozen=True)
class Choices:
    """The tables of a brand that tell which brand was chosen, and among which.

    Parameters
    ----------
    market, choice_sets
        The tables of the period; None where the brand has none.
    context, days
        Of the rows.
    tills
        The categories of a retailer without these tables: prices of brands that were not bought
        come from other households, see :func:`~.store_weeks.prices_of_weeks`.
    names
        What the brand file calls brands, by their names in the data.
    """

    market: ir.Table | None
    choice_sets: ir.Table | None
    context: Context
    days: Days
    tills: tuple[Till, ...] = ()
    names: Mapping[str, Bilingual] = field(default_factory=dict)

    @cached_property
    def till(self) -> Till | None:
        """The first category in which prices reach far enough."""
        return next((till for till in self.tills if till.occasions is not None), None)

    def label(self, brand: str) -> Bilingual:
        """Return what a brand is called."""
        if self.till is not None:
            return self.till.category.label(brand)
        return self.names.get(brand, Bilingual(zh=brand, en=brand))

    def require(self, *names: str) -> None:
        """Raise where a table is missing.

        Raises
        ------
        MissingTableError
            Naming the first of ``names`` that is missing.
        """
        if self.tills:
            self._require_quantity()
        for name in () if self.tills else names:
            if getattr(self, name) is None:
                raise MissingTableError(
                    problem(
                        "brand {brand!r} has no table {table!r}",
                        brand=self.context.brand,
                        table=name,
                    )
                )

    def _require_quantity(self) -> None:
        if not any(till.priced for till in self.tills):
            raise MissingTableError(
                problem(
                    "{name}: column {missing} is missing", name="transactions", missing="quantity"
                )
            )

    @cached_property
    def occasions(self) -> Occasions:
        """The purchases whose choice set is known; without promotion where it is the price."""
        self.require("market", "choice_sets")
        if self.till is not None:
            assert self.till.occasions is not None
            return self.till.occasions
        found = read_occasions(self.market, self.choice_sets)
        if not found.promotion_is_price:
            return found
        return replace(found, promoted=np.zeros((len(found.chosen), 0)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said under every figure and table of the model."""
        some = self.occasions.households < self.occasions.all_households
        if self.till is not None:
            few = ("choice_some_households",) if some else ()
            return ("choice_store_weeks", *few)
        told = self.choice_sets is not None and "promoted" in self.choice_sets.columns
        merged = told and "promoted" not in self.carried.held.names
        left_out = any(self.occasions.left_out.values())
        return (
            *(("choice_promotion_is_price",) if merged else ()),
            *(("choice_some_households",) if some else ()),
            *(("choice_left_out",) if left_out else ()),
        )

    @cached_property
    def refusal(self) -> str:
        """Key of the reason why there is no model; empty where there is one."""
        if self.tills and self.till is None:
            return "store_weeks_none"
        return self._fitted[1]

    @property
    def carried(self) -> Carried:
        """The choice model; see :func:`fit_carried`."""
        found = self._fitted[0]
        assert found is not None, self.refusal
        return found

    @cached_property
    def told(self) -> Told:
        """What it tells, with intervals."""
        return told(self.carried)

    @cached_property
    def _fitted(self) -> tuple[Carried | None, str]:
        try:
            return fit_carried(self.occasions), ""
        except MissingTableError:
            raise
        except (DataError, np.linalg.LinAlgError):
            return None, "choice_no_value"


def open_choices(brand: Any, *, period: Any, markets: Markets | None = None) -> Choices:
    """Return a brand's tables of choices.

    Parameters
    ----------
    brand
        A brand as opened by :func:`loyalty_research.open_brand`.
    period
        Its period or (first day, last day); purchases outside are left out where their time is
        known.
    markets
        The categories of the same brand and period where they are open already.
    """
    days = as_days(period)
    if not brand.has("market"):
        found = open_markets(brand, period=period) if markets is None else markets
        tills = tuple(Till(item) for item in found.categories if item.lines is not None)
        sets = brand.choice_sets if brand.has("choice_sets") else None
        return Choices(None, sets, brand.context, found.days if tills else days, tills)
    market = brand.market
    if "at" in market.columns:
        day = market.at.date()
        market = market.filter(day >= ibis.literal(days.start), day <= ibis.literal(days.end))
    sets = brand.choice_sets if brand.has("choice_sets") else None
    spec = brand.file.market if getattr(brand, "file", None) else None
    return Choices(market, sets, brand.context, days, names=spec.names if spec else {})
