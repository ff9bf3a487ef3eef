"""The conditional logit on the yogurt panel, here and by statsmodels, in turn, as JSON.

Both fit brand constants, price and promotion to 2,412 choices from the same arrays. Usage:
``python choice.py``.
"""

from __future__ import annotations

import json
import statistics
import time
import warnings

import numpy as np
from statsmodels.discrete.conditional_models import ConditionalLogit

import loyalty_research as lr
from loyalty_research.competitors.choice import Design, fit_logit, make_design, read_occasions

OURS, THEIRS = 20, 3


def main() -> None:
    """Time both, and print processor seconds, their ratio, and how far the weights are apart."""
    brand = lr.open_brand("yogurt")
    design = make_design(read_occasions(brand.market, brand.choice_sets), carry="none")
    fit_logit(design)
    ours, theirs = [], []
    for _ in range(THEIRS):
        for _ in range(OURS):
            begun = time.process_time()
            mine = fit_logit(design)
            ours.append(time.process_time() - begun)
        begun = time.process_time()
        other = statsmodels(design)
        theirs.append(time.process_time() - begun)
    here, there = statistics.median(ours), statistics.median(theirs)
    apart = float(np.abs(mine.coefficients - other).max())
    print(json.dumps({"seconds": here, "peer": there, "ratio": there / here, "apart": apart}))


def statsmodels(design: Design) -> np.ndarray:
    """Return the weights by statsmodels, from the same columns, in long form."""
    size = len(design.brands)
    bought = (np.arange(size) == design.chosen[:, None]).astype(float).ravel()
    rows = np.repeat(np.arange(len(design.chosen)), size)
    columns = design.features.reshape(-1, design.features.shape[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = ConditionalLogit(bought, columns, groups=rows).fit(disp=False)
    return np.asarray(fit.params)


if __name__ == "__main__":
    main()
