"""What may stand in a brand file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, StrictBool, StrictFloat, StrictInt, model_validator

from loyalty_research.brand.calibration import Calibration
from loyalty_research.brand.campaign_tests import CampaignTest
from loyalty_research.brand.earlier import EarlierProgramme
from loyalty_research.brand.fields import (
    Bilingual,
    BothTexts,
    Code,
    Currency,
    Day,
    Scalar,
    Section,
    Text,
    Zone,
)
from loyalty_research.brand.fixes import Fix
from loyalty_research.brand.market import MarketSpec
from loyalty_research.brand.schema_tables import TableSpec
from loyalty_research.brand.voice import FeedbackWords

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Chapter = Literal["profile", "value", "drivers", "tiers", "competitors"]
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Customers(Section):
    """Whom a customer_id stands for."""

    unit: Literal["person", "household"]
    audience_word: Literal["会员", "顾客", "客户"] = "顾客"
    identifiers: Literal["public", "personal"]
    first_purchase_observed: StrictBool = False


class PeriodSpec(Section):
    """First and last day of the report."""

    start: Day
    end: Day

    @model_validator(mode="after")
    def _ordered(self) -> PeriodSpec:
        if self.end < self.start:
            msg = "an end on or after the start"
            raise ValueError(msg)
        return self


class ReportSpec(Section):
    """How the report is headed, on the cover and in the footer of every format.

    Parameters
    ----------
    title, client, prepared_by, confidentiality
        One text for both languages, or ``{zh, en}``.
    logo
        PNG or SVG in the brand's folder.
    colour
        ``#rrggbb`` of headings and rules; text in it must be readable on white.
    version
        Such as ``"1.0"``.
    date
        Of the report.
    """

    title: BothTexts | None = None
    client: BothTexts | None = None
    prepared_by: BothTexts | None = None
    confidentiality: BothTexts | None = None
    logo: Text | None = None
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    version: Text | None = None
    date: Day | None = None


class Promotion(Section):
    """A promotion window: its first and last day."""

    name: BothTexts
    start: Day
    end: Day

    @model_validator(mode="after")
    def _ordered(self) -> Promotion:
        if self.end < self.start:
            msg = "an end on or after the start"
            raise ValueError(msg)
        return self


class MemberDays(Section):
    """Days on which members get more: days of the week, or of the month."""

    weekdays: tuple[Weekday, ...] = ()
    days_of_month: tuple[Annotated[StrictInt, Field(ge=1, le=31)], ...] = ()


class ControlTotal(Section):
    """What the client's own back office shows for a month; any subset of the three.

    Parameters
    ----------
    month
        Such as ``"2024-01"``.
    sales
        In the brand's currency.
    orders, members
        Counts; members are those who bought in the month.
    """

    month: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
    sales: StrictInt | StrictFloat | None = None
    orders: Annotated[StrictInt, Field(ge=0)] | None = None
    members: Annotated[StrictInt, Field(ge=0)] | None = None


class LifecycleDays(Section):
    """The client's own rule of who is active, dormant and lost, by days without a purchase.

    Up to ``active`` days a customer is active, from ``dormant`` on dormant, from ``lost`` on lost.
    """

    active: Annotated[StrictInt, Field(ge=1)]
    dormant: Annotated[StrictInt, Field(ge=1)]
    lost: Annotated[StrictInt, Field(ge=1)]

    @model_validator(mode="after")
    def _ordered(self) -> LifecycleDays:
        if not self.active <= self.dormant < self.lost:
            msg = "active <= dormant < lost"
            raise ValueError(msg)
        return self


class Term(Section):
    """What a word of programme rules, such as ``drink``, stands for among the brand's own names."""

    categories: tuple[Text, ...] = ()
    products: tuple[Text, ...] = ()
    channels: tuple[Text, ...] = ()
    stores: tuple[Text, ...] = ()


class SourceNote(Section):
    """Where rows come from and under which licence."""

    name: Text
    licence: Text
    provenance: Bilingual


class Notice(Section):
    """Something the reader must know about the data.

    The texts may print facts of the data, such as ``{orders}``; see ``study.facts``.
    """

    id: Code
    zh: Text
    en: Text


class BrandFile(Section):
    """A brand file, checked.

    ``brand`` is the name of its folder, ``path`` the file, ``folder`` the folder.

    Parameters
    ----------
    period
        First and last day of the report; those of the data where not given.
    compare
        The period to compare with: the one before, the same dates a year earlier, or its days.
    calendar
        ``cn`` for the public holidays of mainland China.
    promotions, member_days
        Promotion windows, and days on which members get more.
    fiscal_year_start
        Month the fiscal year begins with, 1 to 12.
    control_totals
        The client's own totals, which the report is reconciled with.
    lifecycle_days
        The client's own rule of who is active, dormant and lost.
    margin
        Share of net sales that is left after the cost of goods; expected value is net sales
        without it.
    facts
        The brand as data/facts/performance.yaml names it, where its published figures stand.
    programme
        The programme the brand runs, a file of data/programmes; missing for none.
    earlier_programmes
        Programmes it ran before, the earliest first, each with its last day.
    candidates
        Programmes to set beside it.
    campaign_tests
        Campaigns whose customers were drawn at random, and what they gave per unit of spend.
    terms
        What words of programme rules stand for among the brand's categories, products, channels
        and stores.
    survey
        The model by which the table ``survey`` is read, a file of data/surveys; missing for none.
    feedback
        Words of the brand's own by which comments are read.
    fixes
        What the brand changed on a day, and the aspects of complaints it was meant for.
    calibration
        How simulated rows were fitted to published figures, and what was assumed.
    market
        Categories within a retailer's own lines in which brands or makers compete.
    """

    name: BothTexts
    trade: Code
    currency: Currency
    timezone: Zone
    customers: Customers
    evidence: Literal["observed", "synthetic"]
    period: PeriodSpec | None = None
    compare: Literal["none", "previous", "last_year"] | PeriodSpec = "none"
    calendar: Literal["none", "cn"] = "none"
    week_start: Weekday = "monday"
    fiscal_year_start: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    promotions: tuple[Promotion, ...] = ()
    member_days: MemberDays = Field(default_factory=MemberDays)
    control_totals: tuple[ControlTotal, ...] = ()
    lifecycle_days: LifecycleDays | None = None
    margin: Annotated[StrictInt | StrictFloat, Field(gt=0, le=1)] | None = None
    facts: Code | None = None
    programme: Code | None = None
    earlier_programmes: tuple[EarlierProgramme, ...] = ()
    candidates: tuple[Code, ...] = ()
    campaign_tests: tuple[CampaignTest, ...] = ()
    terms: dict[Code, Term] = Field(default_factory=dict)
    survey: Code | None = None
    feedback: FeedbackWords = Field(default_factory=FeedbackWords)
    fixes: tuple[Fix, ...] = ()
    calibration: Calibration | None = None
    market: MarketSpec | None = None
    chapters: dict[Chapter, dict[Code, Scalar]] = Field(default_factory=dict)
    report: ReportSpec = Field(default_factory=ReportSpec)
    definitions: dict[str, str] = Field(default_factory=dict)
    sources: tuple[SourceNote, ...] = ()
    notices: tuple[Notice, ...] = ()
    tables: Annotated[dict[str, TableSpec], Field(min_length=1)]

    _path: Path = PrivateAttr(default=Path("brand.yaml"))

    def model_post_init(self, context: Any) -> None:
        """Keep the path that the loader hands over as validation context."""
        if isinstance(context, dict) and "path" in context:
            self._path = context["path"]

    @property
    def path(self) -> Path:
        """The file itself."""
        return self._path

    @property
    def folder(self) -> Path:
        """The brand's folder."""
        return self._path.parent

    @property
    def brand(self) -> str:
        """Name of the brand's folder."""
        return self._path.parent.name

    @property
    def week_start_number(self) -> int:
        """0 for Monday, 6 for Sunday."""
        return _WEEK.index(self.week_start)
