"""Who shares, refers or checks in, and who came by a referral, as far as columns tell."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Stater, identified
from loyalty_research.stats import proportion, ratio

ACTS = ("share", "refer", "check_in")
NO_ACT = "none"
"""Stands for customers with events, none of which is one of :data:`ACTS`."""
_REFERRAL = {"refer", "referral", "referred", "invite", "invited", "invitation", "friend"}
_REFERRAL |= {"推荐", "好友推荐", "朋友推荐", "老带新", "邀请", "好友邀请", "裂变", "转介绍"}


@reduction
def customer_acts(events: ir.Table, *, orders: ir.Table) -> ir.Table:
    """Return one row a customer with events: share, refer, check_in (counts), net_sales."""
    own = events.group_by("customer_id").aggregate(
        **{act: (events.kind == act).cast("int64").sum() for act in ACTS}
    )
    known = identified(orders)
    paid = known.select(
        customer_id=known.customer_id.cast(events.customer_id.type()), net_sales=known.net_sales
    )
    spent = paid.group_by("customer_id").aggregate(net_sales=paid.net_sales.sum())
    both = own.left_join(spent, "customer_id")
    return both.select("customer_id", *ACTS, "net_sales")


def acts_frame(people: pd.DataFrame) -> pd.DataFrame:
    """Return one row an act: customers, their share with interval, events each, spend each."""
    done = people[list(ACTS)] > 0
    groups = {act: done[act].to_numpy() for act in ACTS if done[act].any()}
    if groups:
        groups[NO_ACT] = ~done.any(axis=1).to_numpy()
    sales = people["net_sales"].astype(float).fillna(0.0).to_numpy()
    rows = []
    for act, inside in groups.items():
        size = int(inside.sum())
        share = proportion(size, len(people))
        spend = ratio(sales[inside], np.ones(size))
        rows.append(
            {
                "act": act,
                "customers": size,
                "share": share.value,
                "low": share.low,
                "high": share.high,
                "times_each": people[act].sum() / size if act != NO_ACT else np.nan,
                "spend": spend.value,
                "spend_low": spend.low,
                "spend_high": spend.high,
            }
        )
    columns = ["act", "customers", "share", "low", "high", "times_each"]
    frame = pd.DataFrame(rows, columns=[*columns, "spend", "spend_low", "spend_high"])
    return frame.astype({name: float for name in frame if name not in ("act", "customers")})


def refer_finding(state: Stater, acts: pd.DataFrame, customers: int) -> Finding:
    """State how many referred somebody, and their spend beside that of those who do neither."""
    rows = {str(row["act"]): row for row in acts.to_dict("records")}
    if "refer" not in rows or not rows[NO_ACT]["customers"]:
        return state.withheld("funnel_refer", "no_refer", definition="referral", base=customers)
    own = rows["refer"]
    return state(
        "funnel_refer",
        proportion(int(own["customers"]), customers),
        unit="share",
        definition="referral",
        method="wilson",
        subject="funnel_refer",
        values={
            "people": Value(int(own["customers"]), "customers"),
            "spend": Value(float(own["spend"]), "money"),
            "spend_none": Value(float(rows[NO_ACT]["spend"]), "money"),
        },
    )


@reduction
def join_sources(customers: ir.Table, *, orders: ir.Table) -> ir.Table:
    """Return one row a source of joining: join_source in lower case, customers who bought."""
    known = identified(orders)
    buyers = known.select(customer_id=known.customer_id.cast(customers.customer_id.type()))
    bought = customers.semi_join(buyers, "customer_id")
    rows = bought.filter(bought.join_source.notnull())
    rows = rows.select(join_source=rows.join_source.strip().lower())
    return rows.group_by("join_source").aggregate(customers=rows.count())


def referred_finding(state: Stater, brand: Any, orders: ir.Table) -> Finding:
    """State how many of the buyers with a known source came by a referral."""
    name, definition = "funnel_referred", "referral"
    if not brand.has("customers") or "join_source" not in brand.customers.columns:
        return state.withheld(name, "no_join_source", definition=definition)
    sources = collect(join_sources(brand.customers, orders=orders), sort_by=["join_source"])
    known = int(sources["customers"].sum())
    own = sources["join_source"].isin(_REFERRAL)
    if not own.any():
        return state.withheld(name, "no_referral_source", definition=definition, base=known)
    people = int(sources.loc[own, "customers"].sum())
    return state(
        name,
        proportion(people, known),
        unit="share",
        definition=definition,
        method="wilson",
        subject="funnel_referred",
        task="acquire",
        values={"people": Value(people, "customers")},
    )
