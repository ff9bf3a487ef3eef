"""What may stand in a programme file, ``data/programmes/<programme>.yaml``.

docs/ledger.md says what every key does in a replay.
"""

from __future__ import annotations

from loyalty_research.programmes.schema.earning import (
    Cap,
    Conversion,
    Earn,
    Expiry,
    On,
    Per,
    Returns,
    Wallet,
)
from loyalty_research.programmes.schema.levels import (
    Benefit,
    Fee,
    Level,
    Tiers,
    Validity,
    Window,
)
from loyalty_research.programmes.schema.programme import (
    Mechanic,
    Objective,
    Origin,
    Programme,
    Status,
    Unknown,
)
from loyalty_research.programmes.schema.rewards import (
    Limit,
    Partner,
    Reward,
    RewardKind,
)

__all__ = [
    "Benefit",
    "Cap",
    "Conversion",
    "Earn",
    "Expiry",
    "Fee",
    "Level",
    "Limit",
    "Mechanic",
    "Objective",
    "On",
    "Origin",
    "Partner",
    "Per",
    "Programme",
    "Returns",
    "Reward",
    "RewardKind",
    "Status",
    "Tiers",
    "Unknown",
    "Validity",
    "Wallet",
    "Window",
]
