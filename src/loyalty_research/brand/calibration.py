"""What a brand file says of how simulated rows were fitted to published figures."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictFloat, StrictInt, model_validator

from loyalty_research.brand.fields import Bilingual, BothTexts, Section, Text, several

Measure = Literal[
    "monthly_customers",
    "spend_per_monthly_customer",
    "stores",
    "channel_share",
    "same_store_growth",
    "item_price",
    "pieces",
    "pieces_per_store_day",
]


class FactOf(Section):
    """A published figure, or one figure over another.

    Parameters
    ----------
    series
        Of ``data/facts/performance.yaml``.
    period
        One period of the series or several, each of which is a row of its own.
    over
        Period whose figure the figure is divided by: growth.
    per, per_period
        Series whose figure it is divided by, of the same period or another.
    each
        Divided by the months or the days of the period as well.
    """

    series: Text
    period: Annotated[tuple[Text, ...], BeforeValidator(several), Field(min_length=1)]
    over: Text | None = None
    per: Text | None = None
    per_period: Text | None = None
    each: Literal["month", "day"] | None = None


class StatedFact(Section):
    """A published figure that no series holds: its value, period and source."""

    value: StrictInt | StrictFloat
    period: Text
    title: Text
    grade: Literal["A", "B", "C"]


class Period(Section):
    """Months whose simulated total is compared, and those it is divided by."""

    period: Text
    over: Text | None = None


class CalibrationRow(Section):
    """A parameter, the published figure behind it, and the simulated total to compare.

    Parameters
    ----------
    parameter, how
        What was fixed, and how the figure fixed it.
    use
        ``scale``: the ratio of both is the scale of the model, which other rows of the measure are
        multiplied by; ``fitted``: parameters were chosen to meet it; ``at_most``: it is a bound;
        ``checked``: nothing was fitted to it.
    measure
        The simulated total.
    channel
        Whose share ``channel_share`` is.
    fact, stated
        The published figure: one of both.
    simulated
        Months of the simulated total where they are not those of the figure.
    """

    parameter: Bilingual
    how: Bilingual
    use: Literal["scale", "fitted", "at_most", "checked"]
    measure: Measure
    channel: Text | None = None
    fact: FactOf | None = None
    stated: StatedFact | None = None
    simulated: Period | None = None

    @model_validator(mode="after")
    def _one_figure(self) -> CalibrationRow:
        if (self.fact is None) == (self.stated is None):
            msg = "one of fact and stated"
            raise ValueError(msg)
        if (self.measure == "channel_share") != (self.channel is not None):
            msg = "channel for the measure channel_share, and for no other"
            raise ValueError(msg)
        return self


class Assumed(Section):
    """A parameter that no published figure fixes."""

    parameter: Bilingual
    value: BothTexts
    why: Bilingual


class Calibration(Section):
    """How simulated rows were fitted, and what was assumed."""

    rows: Annotated[tuple[CalibrationRow, ...], Field(min_length=1)]
    assumed: tuple[Assumed, ...] = ()
