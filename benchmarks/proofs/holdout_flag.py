"""The hold-out of an action list: its share, its balance, and what an evaluation with it tells."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import binom, norm

from loyalty_research.profile.offers.actions_power import (
    Stakes,
    customers_needed,
    smallest_paying,
)
from loyalty_research.profile.offers.holdout_flag import holdout_key, is_held_out
from proofs import Proof
from proofs.common import exact, more_than, table

TITLE = "Is the hold-out of an action list drawn as it says, and does it tell what it promises?"
CAMPAIGNS, CUSTOMERS = 1_000, 2_000
SMALL_CAMPAIGNS, SMALL_CUSTOMERS = 200, 1_000
SHARES = (0.05, 0.26, 0.5)
STAKES = Stakes(margin=0.3, offer=0.1, contact=0.01)
BASES = (0.05, 0.2, 0.45)
_KEY = holdout_key(b"the secret of this proof")
_SURE = 0.01
_POWER = (0.77, 0.83)
_SIZE = 0.055
"""The test's own level is that of a normal approximation: a little off 5 %."""


def run(*, small: bool) -> Proof:
    """Draw many campaigns over fixed customers; evaluate many with a known gain and with none."""
    campaigns, customers = (SMALL_CAMPAIGNS, SMALL_CUSTOMERS) if small else (CAMPAIGNS, CUSTOMERS)
    drawn, drawn_holds = _drawn(campaigns, customers)
    told, told_holds = _told(campaigns)
    text = "\n\n".join((_INTRODUCTION.format(campaigns=campaigns), drawn, told))
    return Proof(text, drawn_holds and told_holds)


_INTRODUCTION = (
    "Simulated: {campaigns:,} campaigns (`campaign 0`, `campaign 1`, ...) with a fixed key, over "
    "customers with ids `C0`, `C1`, ... Outcomes are drawn with numpy seeds [1, campaign]. "
    "Intervals are exact (Clopper & Pearson), at 99 %."
)


def _flags(campaigns: int, ids: list[str], share: float) -> Iterator[np.ndarray]:
    for number in range(campaigns):
        yield is_held_out(ids, key=_KEY, campaign=f"campaign {number}", share=share)


def _drawn(campaigns: int, customers: int) -> tuple[str, bool]:
    """Count how many are held out, whether campaigns repeat each other, and who moves."""
    ids = [f"C{number}" for number in range(customers)]
    bought = np.random.default_rng(7).random(customers) < 0.3  # known before any campaign
    rows, held = [], True
    for share in SHARES:
        hits = again = off = unbalanced = moved = 0
        before = np.zeros(customers, dtype=bool)
        for number, flags in enumerate(_flags(campaigns, ids, share)):
            hits += int(flags.sum())
            again += int((flags & before).sum()) if number else 0
            off += _two_sided(int(flags.sum()), customers, share) < 0.05
            unbalanced += _rejects(flags, bought)
            more = is_held_out(
                ["A1", *ids[::-1], "D1"], key=_KEY, campaign=f"campaign {number}", share=share
            )
            moved += int((more[1:-1][::-1] != flags).sum())
            before = flags
        whole = exact(hits, campaigns * customers)
        both = exact(again, (campaigns - 1) * customers)
        held &= whole.low <= share <= whole.high and both.low <= share**2 <= both.high
        held &= more_than(off, campaigns, 0.05) > _SURE
        held &= more_than(unbalanced, campaigns, _SIZE) > _SURE and moved == 0
        rows.append(
            (f"{share:.0%}", whole, f"{share**2:.2%}", both, exact(off, campaigns),
             exact(unbalanced, campaigns), moved)
        )  # fmt: skip
    heads = (
        "share asked", "held out", "by chance in two campaigns", "held out in two in a row",
        "campaigns off the share at 5 %", "campaigns unlike in past purchases at 5 %",
        "flags moved by new customers",
    )  # fmt: skip
    lead = (
        f"Who is drawn: {customers:,} customers a campaign. New customers before and after the "
        "others, and another order, must move nobody."
    )
    return f"{lead}\n\n{table(heads, rows)}", held


def _told(campaigns: int) -> tuple[str, bool]:
    """Evaluate campaigns of the size that is asked for, with the gain that pays and without."""
    rows, held = [], True
    for base in BASES:
        for share in SHARES[1:]:
            gain = smallest_paying(base, STAKES)
            assert gain is not None
            customers = customers_needed(base, gain, share)
            found, false = _evaluated(campaigns, customers, base, gain, share)
            power, size = exact(found, campaigns), exact(false, campaigns)
            held &= power.high >= _POWER[0] and power.low <= _POWER[1]
            held &= more_than(false, campaigns, _SIZE) > _SURE
            rows.append((f"{base:.0%}", f"{share:.0%}", f"{gain:.1%}", customers, power, size))
    heads = ("base rate", "held out", "gain that pays", "customers", "told", "told of no gain")
    lead = (
        "What is told: the two-sided test of two proportions at 5 %, on as many customers as the "
        "report asks for. Asked: a power of 80 % (the interval meets 77 % to 83 %), and no more "
        "than 5 % where there is no gain (5.5 % allowed for the normal approximation)."
    )
    return f"{lead}\n\n{table(heads, rows)}", held


def _evaluated(
    campaigns: int, customers: int, base: float, gain: float, share: float
) -> tuple[int, int]:
    ids = [f"C{number}" for number in range(customers)]
    found = false = 0
    for number, flags in enumerate(_flags(campaigns, ids, share)):
        drawn = np.random.default_rng([1, number]).random(customers)
        found += _rejects(flags, drawn < base + gain * ~flags)
        false += _rejects(flags, drawn < base)
    return found, false


def _rejects(held: np.ndarray, bought: np.ndarray) -> bool:
    """Tell whether two proportions differ at 5 %, by the pooled normal test."""
    none, some = bought[held], bought[~held]
    mean = bought.mean()
    spread = np.sqrt(mean * (1 - mean) * (1 / max(len(none), 1) + 1 / max(len(some), 1)))
    if not len(none) or not len(some) or spread == 0:
        return False
    return bool(abs(some.mean() - none.mean()) / spread > norm.isf(0.025))


def _two_sided(hits: int, trials: int, rate: float) -> float:
    """Return twice the smaller exact tail: never too small."""
    tails = binom.cdf(hits, trials, rate), binom.sf(hits - 1, trials, rate)
    return float(min(1.0, 2 * min(tails)))
