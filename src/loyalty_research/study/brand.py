"""A brand, opened: its tables on one embedded engine, its period and the quality of its data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import ibis.expr.types as ir

from loyalty_research.brand import (
    BrandFacts,
    BrandFile,
    Calendar,
    calendar_of,
    load_facts,
    shown,
)
from loyalty_research.engine import Context
from loyalty_research.errors import MissingTableError, ParameterError, problem
from loyalty_research.study.period import Period
from loyalty_research.tables import TABLES

if TYPE_CHECKING:
    from loyalty_research.programmes.rule_changes import RuleChange
    from loyalty_research.programmes.schema import Programme
    from loyalty_research.study.quality import Quality

ORDERS_NAME = "orders"


class Brand:
    """A brand's canonical tables and what must be known about them.

    Tables are attributes: ``brand.orders``, ``brand.transactions``, ``brand.customers``, ... An
    absent table raises :class:`~loyalty_research.errors.MissingTableError`; :meth:`has` asks.

    Parameters
    ----------
    name
        Folder name of the brand, or the name given to frames.
    file
        Its brand file; None for frames.
    period
        First and last day.
    compare
        The period to compare with; None where there is none, or the data do not cover it.
    orders_compared
        Valid orders of that period, with the same customer identifiers; None where there is none.
    context
        Currency, evidence and customer unit, attached to every table.
    quality
        What the checks found and what was done about it.
    tables
        Ibis tables by canonical name, on one connection.
    """

    def __init__(
        self,
        *,
        name: str,
        file: BrandFile | None,
        period: Period,
        context: Context,
        quality: Quality,
        tables: Mapping[str, ir.Table],
        compare: Period | None = None,
        orders_compared: ir.Table | None = None,
    ) -> None:
        self.name = name
        self.file = file
        self.period = period
        self.compare = compare
        self.orders_compared = orders_compared
        self.context = context
        self.quality = quality
        self._tables = dict(tables)

    def title(self, language: Literal["zh", "en"]) -> str:
        """Return the title of the brand's report in ``language``."""
        if self.file is None:
            return self.name
        return str(getattr(self.file.report.title or self.file.name, language))

    @property
    def called(self) -> frozenset[str]:
        """What the brand is called: its name, that of its folder, and those of its file."""
        written = {self.file.name.zh, self.file.name.en} if self.file is not None else set()
        return frozenset({self.context.brand, self.name, *written} - {""})

    @property
    def calendar(self) -> Calendar:
        """Holidays, promotion windows, member days, and where its weeks and years begin."""
        return calendar_of(self.file)

    @property
    def lifecycle_rule(self) -> dict[str, int] | None:
        """The client's own days of active, dormant and lost; None where it has given none."""
        rule = self.file.lifecycle_days if self.file else None
        return rule.model_dump() if rule else None

    @property
    def facts(self) -> BrandFacts | None:
        """What is published of the brand, as its file names it; None where it names nothing."""
        named = self.file.facts if self.file else None
        return load_facts().of(named) if named else None

    @property
    def programme(self) -> Programme | None:
        """The loyalty programme the brand runs, as its file names it; None for none."""
        from loyalty_research.programmes.load import load_programme

        named = self.file.programme if self.file else None
        return load_programme(named) if named else None

    @property
    def rule_changes(self) -> tuple[RuleChange, ...]:
        """The days on which the programme's rules changed, the earliest first."""
        from loyalty_research.programmes.rule_changes import rule_changes

        return rule_changes(self.file) if self.file else ()

    @property
    def candidates(self) -> tuple[Programme, ...]:
        """The programmes to set beside it, as its file names them."""
        from loyalty_research.programmes.load import load_programme

        return tuple(load_programme(name) for name in (self.file.candidates if self.file else ()))

    @property
    def terms(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """What words of programme rules stand for: term, then ``categories``, ``channels``, ..."""
        terms = self.file.terms if self.file else {}
        return {name: term.model_dump() for name, term in terms.items()}

    def has(self, table: str) -> bool:
        """Tell whether the brand brings ``table``.

        Raises
        ------
        ParameterError
            Where there is no canonical table of that name.
        """
        if table not in TABLES and table != ORDERS_NAME:
            raise ParameterError(
                problem(
                    "has: found {table!r}; allowed: {allowed}",
                    table=table,
                    allowed=", ".join((ORDERS_NAME, *TABLES)),
                )
            )
        return table in self._tables

    def table(self, name: str) -> ir.Table:
        """Return the table called ``name``.

        Raises
        ------
        MissingTableError
            Where the brand does not bring it; says how to add it.
        ParameterError
            Where there is no canonical table of that name.
        """
        if self.has(name):
            return self._tables[name]
        raise MissingTableError(
            problem(
                "brand {brand!r} has no table {table!r}; {how}",
                brand=self.name,
                table=name,
                how=self._how_to_add("transactions" if name == ORDERS_NAME else name),
            )
        )

    def _how_to_add(self, name: str) -> str:
        columns = [column.name for column in TABLES[name].columns if column.required]
        required = f"required columns: {', '.join(columns)}"
        if self.file is None:
            return f"give {name}=... to Brand.from_frames ({required})"
        return f"add tables.{name} to {shown(self.file.path)} ({required})"

    def __getattr__(self, name: str) -> ir.Table:
        if name in TABLES or name == ORDERS_NAME:
            return self.table(name)
        msg = f"'Brand' object has no attribute {name!r}"
        raise AttributeError(msg)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self._tables})

    def __repr__(self) -> str:
        start, end = self.period.iso
        rows = dict(zip(self.quality.balance["table"], self.quality.balance["kept"], strict=True))
        if ORDERS_NAME in self._tables:
            rows = {ORDERS_NAME: self.quality.facts["orders"], **rows}
        tables = ", ".join(f"{name} ({count:,})" for name, count in rows.items())
        return f"Brand({self.name!r}: {start} to {end}, {self.context.currency}; tables: {tables})"

    @classmethod
    def from_frames(
        cls,
        *,
        currency: str,
        transactions: Any = None,
        name: str = "frames",
        timezone: str | None = None,
        period: tuple[dt.date | str, dt.date | str] | None = None,
        compare: Any = "none",
        sale_status: Sequence[str] = (),
        customer_unit: Literal["person", "household"] = "person",
        audience_word: Literal["会员", "顾客", "客户"] = "顾客",
        identifiers: Literal["public", "personal"] = "personal",
        first_purchase_observed: bool = False,
        evidence: Literal["observed", "synthetic"] = "observed",
        provenance: str = "",
        **tables: Any,
    ) -> Brand:
        """Open frames as a brand, through the same checks as files.

        Parameters
        ----------
        currency
            ISO 4217 code of every amount.
        transactions
            Ibis table, pandas or polars frame or Arrow table, one row a line of an order, with
            canonical column names; required are order_id, ordered_at and amount.
        name
            What messages and findings call the brand.
        timezone
            Zone in which zoned time stamps are told; not needed where times are local already.
        period
            First and last day; None for those of the lines.
        compare
            ``none``, ``previous``, ``last_year``, or the first and last day to compare with.
        sale_status
            Values of the column status that are sales; required where there is such a column.
        customer_unit, audience_word, identifiers, first_purchase_observed, evidence, provenance
            As in a brand file and in :class:`~loyalty_research.engine.Context`.
        **tables
            Further canonical tables by name: products, customers, ...

        Raises
        ------
        ParameterError
            Where an argument is wrong.
        DataError
            Where a table is; lists all its problems.

        Examples
        --------
        >>> import pandas as pd
        >>> lines = pd.DataFrame({"order_id": [1], "ordered_at": ["2024-03-01"], "amount": [9.5]})
        >>> Brand.from_frames(transactions=lines, currency="CNY").period.iso
        ('2024-03-01', '2024-03-01')
        """
        from loyalty_research.study.frames import FrameOptions, open_frames

        given = {"transactions": transactions, **tables}
        options = FrameOptions(
            name=name,
            currency=currency,
            timezone=timezone,
            period=period,
            compare=compare,
            sale_status=tuple(sale_status),
            customer_unit=customer_unit,
            audience_word=audience_word,
            identifiers=identifiers,
            first_purchase_observed=first_purchase_observed,
            evidence=evidence,
            provenance=provenance,
        )
        return open_frames({key: item for key, item in given.items() if item is not None}, options)
