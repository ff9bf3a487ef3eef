"""Estimates and their intervals, on arrays."""

from loyalty_research.stats.change import Change, Loose, Part, changed, moved
from loyalty_research.stats.concentration import (
    Concentration,
    concentration,
    lorenz_curve,
)
from loyalty_research.stats.decomposition import log_mean, split_change
from loyalty_research.stats.gamma_poisson import GammaPoisson, fit_gamma_poisson
from loyalty_research.stats.intervals import (
    Estimate,
    as_share,
    difference,
    proportion,
    ratio,
    ratio_sums,
    share_of,
)
from loyalty_research.stats.multiple import false_discoveries, holm
from loyalty_research.stats.ranks import scores_from_ranks, twice_mid_rank
from loyalty_research.stats.seeds import seed_from
from loyalty_research.stats.shrinkage import Shrunk, shrink
from loyalty_research.stats.survival import GapSurvival, ProductLimit, gap_survival, product_limit

__all__ = [
    "Change",
    "Concentration",
    "Estimate",
    "GammaPoisson",
    "GapSurvival",
    "Loose",
    "Part",
    "ProductLimit",
    "Shrunk",
    "as_share",
    "changed",
    "concentration",
    "difference",
    "false_discoveries",
    "fit_gamma_poisson",
    "gap_survival",
    "holm",
    "log_mean",
    "lorenz_curve",
    "moved",
    "product_limit",
    "proportion",
    "ratio",
    "ratio_sums",
    "scores_from_ranks",
    "seed_from",
    "share_of",
    "shrink",
    "split_change",
    "twice_mid_rank",
]
