"""What carries over from one purchase to the next, beyond what shuffled purchases show as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from loyalty_research.competitors.choice.classes import ClassFit, choose_classes, refitted
from loyalty_research.competitors.choice.design import Design, make_design, with_carry_over
from loyalty_research.competitors.choice.occasions import Occasions
from loyalty_research.stats import seed_from
from loyalty_research.stats.intervals import LEVEL, Estimate

SHUFFLES = 20


@dataclass(frozen=True, slots=True)
class Carried:
    """A choice model with latent classes, and the carry-over that its households' order bears out.

    Parameters
    ----------
    occasions, design
        What was fitted.
    free
        The fit that estimates the carry-over.
    tried
        Fits of every number of classes tried.
    shuffled
        Shape (r,): the carry-over that the same model finds where each household's own purchases
        are put in a random order; what classes leave of the differences between households.
    design_held, held
        The same with the carry-over given as ``value``; what else is estimated goes with it.
    """

    occasions: Occasions
    design: Design
    free: ClassFit
    tried: tuple[ClassFit, ...]
    shuffled: np.ndarray
    design_held: Design
    held: ClassFit

    @property
    def left(self) -> float:
        """What classes may leave of the differences between households: mean over shuffles."""
        return float(self.shuffled.mean())

    @property
    def ends(self) -> tuple[float, float]:
        """The carry-over of ``free`` less ``left``, and of ``free``."""
        high = self.free.mean("carry_over")
        return min(high - self.left, high), max(high - self.left, high)

    @property
    def value(self) -> float:
        """The carry-over: halfway between ``ends``."""
        return sum(self.ends) / 2

    def estimate(self, *, level: float = LEVEL) -> Estimate:
        """Return the carry-over with its interval.

        Notes
        -----
        From the lower bound over households of the lower end to the upper bound of the upper end.
        """
        error = self.free.error("carry_over")
        z = float(norm.ppf(0.5 + level / 2))
        shuffling = float(self.shuffled.var(ddof=1)) / len(self.shuffled)
        low = self.ends[0] - z * float(np.sqrt(error**2 + shuffling))
        return Estimate(self.value, low, self.ends[1] + z * error, self.design.households, level)


def fit_carried(
    occasions: Occasions, *, seed: int | None = None, starts: int = 8, shuffles: int = SHUFFLES
) -> Carried:
    """Estimate a choice model whose carry-over does not stand for differences of households.

    Parameters
    ----------
    occasions
        Of :func:`read_occasions`.
    seed
        Of starts and shuffles.
    starts
        Of each number of classes.
    shuffles
        Random orders of each household's own purchases.

    Notes
    -----
    Utility = constant of class and brand + price (by class) + promotion + carry-over for the brand
    bought the time before. A few classes never hold all differences between households, and what
    they leave looks like carry-over. Where nothing carries over, the order of a household's
    purchases says nothing: putting whole occasions (prices, promotions, choice) in a random order
    shows how much of the estimate may stand for differences alone. Where nothing carries over, that
    is all of it; where something does, shuffling takes off too much, since runs of one brand look
    like a household's liking for it. So the carry-over lies between the estimate less what
    shuffled purchases show and the estimate itself. The middle is taken, the interval spans both,
    and the other weights are estimated anew with the middle given.

    References
    ----------
    Heckman 1981 in Rosen (ed.), Studies in Labor Markets, 91-139; Keane 1997, Journal of Business
    & Economic Statistics 15(3), 310-327; Dube, Hitsch & Rossi 2010, RAND Journal of Economics
    41(3), 417-445, who shuffle purchases as well.
    """
    seed = seed_from("choice", "classes") if seed is None else seed
    design = make_design(occasions)
    free, tried = choose_classes(design, seed=seed, starts=starts)
    rng = np.random.default_rng(seed)
    ones = np.ones(design.households)
    shuffled = np.array(
        [
            refitted(make_design(occasions.shuffled(rng)), free, ones).mean("carry_over")
            for _ in range(shuffles)
        ]
    )
    value = free.mean("carry_over") - float(shuffled.mean()) / 2
    held_design, held = hold(design, free, value, ones)
    return Carried(occasions, design, free, tried, shuffled, held_design, held)


def hold(
    design: Design, fit: ClassFit, value: float, weights: np.ndarray
) -> tuple[Design, ClassFit]:
    """Return a design with the carry-over given, and its fit, begun where ``fit`` is."""
    given = with_carry_over(design, value)
    return given, refitted(given, fit.without("carry_over"), weights)
