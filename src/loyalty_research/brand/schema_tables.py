"""The tables of a brand file: which file each is read from, and where its columns come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictFloat, StrictInt, StrictStr, model_validator

from loyalty_research.brand.fields import Scalar, Section, Text, Zone, several

Separator = Literal[",", ";", "\t", "|", " "]
Adapter = Literal["yogurt_market", "yogurt_choice_sets"]


def _rule(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class ColumnRule(Section):
    """Where a canonical column comes from.

    Parameters
    ----------
    column
        Name in the source.
    sum
        Names in the source that are added up, in place of ``column``.
    timezone
        Zone the source's time stamps are in, where it is not the brand's.
    at_most
        Values above it are not believed and become missing.
    values
        What the source's values mean.
    less
        Names in the source whose amounts are taken off, such as freight inside a payment.
    level
        ``order`` where the source repeats the order's value on each of its lines: it is counted
        once, shared out over the lines.
    date_order
        How dates such as 03/04/2024 are read: year, month and day first to last.
    epoch
        Unit of time stamps that are numbers counted from 1970-01-01 UTC.
    missing
        Values that stand for a missing one, beyond the usual ``-``, ``/``, ``无``, ``NULL``.
    """

    column: Text | None = None
    sum: Annotated[tuple[Text, ...], Field(min_length=2)] | None = None
    timezone: Zone | None = None
    at_most: StrictInt | StrictFloat | None = None
    values: dict[str, Scalar] | None = None
    less: Annotated[tuple[Text, ...], BeforeValidator(several)] | None = None
    level: Literal["line", "order"] = "line"
    date_order: Literal["ymd", "mdy", "dmy"] | None = None
    epoch: Literal["seconds", "milliseconds"] | None = None
    missing: tuple[StrictStr, ...] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnRule:
        if (self.column is None) == (self.sum is None):
            msg = "either column or sum"
            raise ValueError(msg)
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the source columns."""
        return self.sum if self.sum is not None else (self.column or "",)


class FileSpec(Section):
    """Which file or files a table is read from, and how.

    What is not given is found out from the file itself.

    Parameters
    ----------
    source
        A path, several, or patterns such as ``2024-*.csv``; ``package:<distribution>/<path>``; or
        the address of a database, such as ``postgresql://user@host/base``.
    encoding
        Of text files: ``utf-8``, ``gb18030``, ``utf-16``.
    separator
        Of text files; a blank stands for any number of them.
    sheets
        Of a workbook; all visible ones with the same heading are stacked where not given.
    table
        Of a database.
    heading_row
        Row of the headings, counted from 1; what stands above is a title.
    skip_rows
        Rows below the heading that explain and hold no data, counted from 1 in the file.
    row_number
        Name of a column to add that counts the rows from 1, for files without an identifier.
    adapter
        Reads a data package whose file has a shape of its own.
    """

    source: Annotated[tuple[Text, ...], BeforeValidator(several), Field(min_length=1)]
    encoding: Text | None = None
    separator: Separator | None = None
    sheets: Annotated[tuple[Text, ...], BeforeValidator(several)] | None = None
    table: Text | None = None
    heading_row: Annotated[StrictInt, Field(ge=1)] | None = None
    skip_rows: tuple[Annotated[StrictInt, Field(ge=1)], ...] = ()
    row_number: Text | None = None
    adapter: Adapter | None = None


Columns = dict[str, Annotated[ColumnRule, BeforeValidator(_rule)]]


class OrdersSpec(FileSpec):
    """An order-level file beside a line-level one, joined to it on ``order_id``.

    Its amounts belong to the order and are shared out over its lines.
    """

    columns: Columns


class TableSpec(FileSpec):
    """Where a canonical table comes from.

    Parameters
    ----------
    columns
        Where each canonical column comes from.
    sale_status
        Values of ``status`` that are sales.
    refunded
        Values of ``after_sales`` that mean that the whole line was refunded.
    not_customers
        Values of ``customer_id`` that are no customer, such as walk-ins: they count as not
        identified.
    not_goods
        Lines that are no sale of goods, such as recharges and fees: values by canonical column,
        or, under ``order_id_starts``, the beginnings of order numbers. Left out and counted.
    only
        The lines that belong to the brand: values by canonical column, of transactions or of
        another table, such as ``products.category``. The others are left out and counted.
    orders
        An order-level file, joined on ``order_id``.
    """

    columns: Columns
    sale_status: tuple[Text, ...] | None = None
    refunded: tuple[Text, ...] = ()
    not_customers: tuple[Text, ...] = ()
    not_goods: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    only: dict[Text, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(default_factory=dict)
    orders: OrdersSpec | None = None
