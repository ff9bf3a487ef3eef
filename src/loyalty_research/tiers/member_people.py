"""Who of a brand's customers belongs to its programme."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loyalty_research.engine import collect
from loyalty_research.tiers.ledgers import joined_days
from loyalty_research.tiers.simulation.population import Population
from loyalty_research.tiers.simulation.sample import part_of


def members_of(brand: Any, people: Population) -> Population:
    """Return the members among a brand's customers; all where no table says who joined.

    Parameters
    ----------
    brand
        Opened.
    people
        Its customers, with their past.
    """
    joined = joined_days(brand)
    if joined is None:
        return people
    last = people.start - dt.timedelta(days=1)
    known = joined.filter(joined.joined_on.cast("date") <= ibis.date(last.isoformat()))
    names = collect(known.select("customer_id").distinct(), sort_by=["customer_id"])
    inside = pc.is_in(people.ids, value_set=pa.array(names["customer_id"]).cast(people.ids.type))
    return part_of(people, np.flatnonzero(inside.to_numpy(zero_copy_only=False)))
