"""The NBD-Dirichlet: what brands of given shares have in penetration, frequency and loyalty.

Households buy a category at gamma-distributed rates (mean M, shape K), and choose among brands
with chances of their own, Dirichlet-distributed with weights S times the brands' shares. Goodhardt,
Ehrenberg & Chatfield 1984, JRSS A 147(5), 621-655; algebra in Rungie & Goodhardt 2004, Marketing
Bulletin 15.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.competitors.market.sums import BrandSums, brand_sums, distribution, totals
from loyalty_research.errors import ParameterError, problem


@dataclass(frozen=True, kw_only=True)
class Dirichlet:
    """A market as the NBD-Dirichlet describes it.

    Parameters
    ----------
    M
        Category purchases a household and period, buyers or not.
    K
        How alike households are in how much they buy; small: a few buy most.
    S
        How alike they are in which brands they choose; small: each has its own.
    brands
        Names of the brands.
    shares
        Shape (j,): of category purchases, in the order of ``brands``; they may leave a rest.
    truncated
        Whether households without a category purchase are outside the panel: penetrations are
        then shares of those who buy the category in the period asked for.
    """

    M: float
    K: float
    S: float
    brands: tuple[str, ...]
    shares: np.ndarray
    truncated: bool = False

    @property
    def alpha(self) -> np.ndarray:
        """Shape (j,): S times the shares."""
        return self.S * self.shares

    def chances(self, periods: float = 1) -> np.ndarray:
        """Return the chances of 0, 1, ... category purchases in ``periods`` times the period."""
        if not periods > 0:
            raise ParameterError(
                problem("periods: found {found!r}; allowed: above 0", found=periods)
            )
        return totals(self.M * periods, self.K, truncated=self.truncated)

    def expected(self, periods: float = 1) -> BrandSums:
        """Return what each brand can expect, as arrays (j,)."""
        return brand_sums(self.chances(periods), self.alpha, self.S)

    def brand_table(self, periods: float = 1) -> pd.DataFrame:
        """Return what brands of these shares have in ``periods`` times the period.

        Returns
        -------
        pandas.DataFrame
            One row a brand: brand, share, penetration (share of households), purchase_frequency
            and category_rate (purchases a buyer of the brand, of the brand and of the category),
            share_of_requirements (their ratio), sole_buyers (share of its buyers who buy nothing
            else in the category).
        """
        sums = self.expected(periods)
        return pd.DataFrame(
            {
                "brand": list(self.brands),
                "share": self.shares,
                "penetration": sums.penetration,
                "purchase_frequency": sums.frequency,
                "category_rate": sums.category_rate,
                "share_of_requirements": sums.requirements,
                "sole_buyers": sums.sole_buyers,
            }
        )

    def duplication(self, brand: str, periods: float = 1) -> pd.Series[float]:
        """Return which share of a brand's buyers buy each other brand as well.

        Raises
        ------
        ParameterError
            For a brand that is not of the market.

        Notes
        -----
        (b_j + b_k - b_jk) / b_j, with b_jk the penetration of both as one brand.
        """
        place = self._place(brand)
        others = [k for k in range(len(self.brands)) if k != place]
        alpha, chances = self.alpha, self.chances(periods)
        single = brand_sums(chances, alpha, self.S).penetration
        either = brand_sums(chances, alpha[others] + alpha[place], self.S).penetration
        shared = (single[place] + single[others] - either) / single[place]
        return pd.Series(shared, index=[self.brands[k] for k in others], name=brand)

    def duplication_coefficient(self, periods: float = 1) -> float:
        """Return D of the law b(j|k) = D x b(j): over all pairs, sum of b(j|k) / sum of b(j)."""
        single = self.expected(periods).penetration
        shared = sum(float(self.duplication(name, periods).sum()) for name in self.brands)
        return shared / float((single.sum() - single).sum())

    def purchase_distribution(
        self, brand: str, *, last: int = 5, periods: float = 1
    ) -> pd.Series[float]:
        """Return the shares of households that buy a brand 0, 1, ..., ``last`` times, and more.

        Raises
        ------
        ParameterError
            For a brand that is not of the market.
        """
        alpha = float(self.alpha[self._place(brand)])
        found = distribution(self.chances(periods), alpha, self.S, last=last)
        index = [*map(str, range(last + 1)), f"{last + 1}+"]
        return pd.Series(found, index=index, name=brand)

    def _place(self, brand: str) -> int:
        if brand in self.brands:
            return self.brands.index(brand)
        raise ParameterError(
            problem(
                "brand: found {found!r}; allowed: {allowed}",
                found=brand,
                allowed=", ".join(self.brands),
            )
        )
