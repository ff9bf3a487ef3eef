"""The forecasts of all judged cuts side by side, and what comes of judging them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.drivers.retention_cuts import Cut
from loyalty_research.drivers.retention_features import RHYTHM
from loyalty_research.drivers.retention_judge import (
    Areas,
    as_share_of,
    bootstrap_areas,
    by_customer,
    chance_of_none,
    gain,
    log_loss,
    worst,
)
from loyalty_research.drivers.retention_models import (
    FULL,
    SIMPLE,
    Fitted,
    fit_models,
    not_everywhere,
)
from loyalty_research.stats import Estimate, holm, seed_from
from loyalty_research.stats.intervals import LEVEL

_PERMUTATIONS = 5
_POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)
_GRID_ROWS = 2000
FAMILY = 1 - (1 - LEVEL) / len(FULL)
"""Level of each gain: one of two models is chosen after looking at both."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Forecasts at the judged cuts.

    Parameters
    ----------
    customer, cut, active
        Shape (n,): whose row, number of the cut, and whether the customer bought.
    chances
        Shape (n,) each, by predictor.
    models
        Predictors of each cut, by name, in order of the cuts.
    cuts
        The judged cuts.
    areas
        Discrimination, against recency alone.
    first
        The cut that is only learnt from.
    times
        Shape (n,): chances of the nearer of logit and trees when it sees the times of purchases
        alone.
    """

    customer: np.ndarray
    cut: np.ndarray
    active: np.ndarray
    chances: dict[str, np.ndarray]
    models: tuple[dict[str, Fitted], ...]
    cuts: tuple[Cut, ...]
    areas: Areas
    first: Cut
    times: np.ndarray

    def gain(self, name: str, reference: str) -> Estimate:
        """Estimate the gain in log score of one predictor over another."""
        level = FAMILY if name in FULL else LEVEL
        return gain(
            self.chances[name], self.chances[reference], self.active, self.customer, level=level
        )

    def skill(self, name: str, reference: str) -> Estimate:
        """Estimate the gain as a share of the other predictor's log loss."""
        return as_share_of(self.gain(name, reference), self.loss(reference))

    def beats(self, name: str, reference: str) -> bool:
        """Tell whether a predictor is better beyond chance, and was so at every cut."""
        if reference not in self.chances:
            return False
        return self._ahead(name, self.chances[reference], self.gain(name, reference))

    def features_add(self) -> Estimate | None:
        """Estimate what features besides the times of purchases add, as a share of the log loss.

        The nearer of logit and trees is set against itself without them: a model of freer form is
        often nearer than the customer-base model without any further feature. None where it is
        not better beyond chance, and at every cut.
        """
        mine = self.chances[self.full]
        found = gain(mine, self.times, self.active, self.customer, level=FAMILY)
        if not self._ahead(self.full, self.times, found):
            return None
        return as_share_of(found, float(log_loss(self.times, self.active).mean()))

    def _ahead(self, name: str, other: np.ndarray, found: Estimate) -> bool:
        if found.low is None or found.low <= 0:
            return False
        better = log_loss(other, self.active) - log_loss(self.chances[name], self.active)
        return worst([better[self.cut == k].mean() for k in np.unique(self.cut)]) > 0

    @property
    def full(self) -> str:
        """The nearer of logit and trees."""
        return min(FULL, key=self.loss)

    @property
    def simple(self) -> str:
        """The nearer of recency alone and the customer-base model."""
        return min((name for name in SIMPLE if name in self.chances), key=self.loss)

    @property
    def used(self) -> str:
        """The predictor forecasts are made with: the simplest that none beats beyond chance."""
        used = "recency"
        if "rhythm" in self.chances and self.beats("rhythm", "recency"):
            used = "rhythm"
        return self.full if self.beats(self.full, used) else used

    def loss(self, name: str) -> float:
        """Return the mean log loss of a predictor."""
        return float(log_loss(self.chances[name], self.active).mean())


def judge(cuts: Sequence[Cut]) -> Judged | None:
    """Forecast every cut but the first from those before it, and judge.

    Returns
    -------
    Judged or None
        None where hardly anybody bought in the weeks after, or hardly anybody did not.
    """
    missing = not_everywhere(cuts)
    made = [fit_models(cuts[:number], leave_out=missing) for number in range(1, len(cuts))]
    if any(item is None for item in made):
        return None
    models = tuple(item for item in made if item is not None)
    judged = tuple(cuts[1:])
    names = [name for name in (*SIMPLE, *FULL) if all(name in item for item in models)]
    if any(cut.active.all() or not cut.active.any() for cut in judged):
        return None
    chances = {
        name: np.concatenate(
            [item[name].predict(cut.features) for item, cut in zip(models, judged, strict=True)]
        )
        for name in names
    }
    customer = np.concatenate([cut.customers["customer_id"].to_numpy() for cut in judged])
    active = np.concatenate([cut.active for cut in judged])
    place = np.repeat(np.arange(len(judged)), [len(cut.active) for cut in judged])
    areas = bootstrap_areas(chances, active, customer, reference="recency")
    nearer = min(FULL, key=lambda name: float(log_loss(chances[name], active).mean()))
    times = np.concatenate(_times_alone(cuts, nearer))
    return Judged(customer, place, active, chances, models, judged, areas, cuts[0], times)


def _times_alone(cuts: Sequence[Cut], name: str) -> list[np.ndarray]:
    """Return the forecasts of each judged cut by a model that sees when was bought, and no more."""
    more = (item for cut in cuts for item in cut.features.columns if item not in RHYTHM)
    without = (*dict.fromkeys(more), *not_everywhere(cuts))
    found = []
    for number, cut in enumerate(cuts[1:], start=1):
        models = fit_models(cuts[:number], names=(name,), leave_out=without)
        assert models is not None  # the same rows could be fitted before
        found.append(models[name].predict(cut.features))
    return found


def importance(judged: Judged, *, name: str) -> pd.DataFrame:
    """Return how much worse a predictor forecasts once a feature is shuffled among customers.

    Parameters
    ----------
    judged
        Of :func:`judge`.
    name
        Predictor.

    Returns
    -------
    pandas.DataFrame
        feature (``rhythm`` for recency, frequency, span and the customer-base model together),
        loss with low and high (rise of the log loss, as a share of it), p_value (one-sided, for no
        worse), beyond_chance (Holm over all features). Largest first.

    Notes
    -----
    Shuffled within a cut, five times, at all judged cuts; customers are the sampled units. What a
    feature adds depends on the others in the model: of two that tell the same, neither may matter.

    References
    ----------
    Breiman 2001, Machine Learning 45(1), 5-32.
    """
    columns = judged.models[0][name].columns
    groups = {"rhythm": [item for item in columns if item in RHYTHM]}
    groups |= {item: [item] for item in columns if item not in RHYTHM}
    rows = []
    for feature, own in groups.items():
        if not own:
            continue
        worse = np.concatenate(
            [
                _shuffled(models[name], cut, own)
                for models, cut in zip(judged.models, judged.cuts, strict=True)
            ]
        )
        found = as_share_of(by_customer(worse, judged.customer), judged.loss(name))
        rows.append(
            {
                "feature": feature,
                "loss": found.value,
                "loss_low": found.low,
                "loss_high": found.high,
                "p_value": chance_of_none(found),
            }
        )
    frame = pd.DataFrame(rows).sort_values("loss", ascending=False, ignore_index=True)
    return frame.assign(beyond_chance=holm(frame["p_value"].to_numpy()))


def add_alone(judged: Judged, found: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return importances with what a feature adds to all the others, models fitted without it.

    Parameters
    ----------
    judged
        Of :func:`judge`.
    found
        Of :func:`importance`.
    name
        Predictor.

    Returns
    -------
    pandas.DataFrame
        With added, added_low, added_high (as a share of the log loss; missing for features that do
        not matter when shuffled either), and beyond_chance (Holm over all features) by these.

    Notes
    -----
    Shuffling overrates a feature that goes with another: the model relies on it although the other
    tells the same. Fitted without it, the model turns to the other.

    References
    ----------
    Lei et al. 2018, JASA 113(523), 1094-1111.
    """
    rows: list[dict[str, float | None]] = []
    for feature, chance in zip(found["feature"], found["p_value"], strict=True):
        if feature == "rhythm" or chance >= 1 - LEVEL:
            rows.append({"added": np.nan, "added_low": np.nan, "added_high": np.nan, "p": 1.0})
            continue
        without = np.concatenate(_without(judged, feature, name=name))
        more = gain(judged.chances[name], without, judged.active, judged.customer)
        more = as_share_of(more, judged.loss(name))
        rows.append(
            {
                "added": more.value,
                "added_low": more.low,
                "added_high": more.high,
                "p": chance_of_none(more),
            }
        )
    added = pd.DataFrame(rows)
    flags = holm(added["p"].to_numpy()) & (added["added"].to_numpy(dtype=float) > 0)
    return found.assign(**added.drop(columns="p"), beyond_chance=flags)


def _without(judged: Judged, feature: str, *, name: str) -> list[np.ndarray]:
    """Return the forecasts of each judged cut by models that do not know a feature."""
    cuts = (judged.first, *judged.cuts)
    without = (feature, *not_everywhere(cuts))
    found = []
    for number, cut in enumerate(judged.cuts, start=1):
        models = fit_models(cuts[:number], names=(name,), leave_out=without)
        assert models is not None  # the same rows could be fitted before
        found.append(models[name].predict(cut.features))
    return found


def _shuffled(model: Fitted, cut: Cut, columns: Sequence[str]) -> np.ndarray:
    """Return the loss of each row with columns shuffled together, less the loss as it is (n,)."""
    rng = np.random.default_rng(seed_from("retention", "importance", *columns, str(cut.day)))
    orders = [rng.permutation(len(cut.active)) for _ in range(_PERMUTATIONS)]
    moved = [
        cut.features.assign(**{name: cut.features[name].to_numpy()[order] for name in columns})
        for order in orders
    ]
    chance = model.predict(pd.concat([cut.features, *moved], ignore_index=True))
    each = log_loss(chance.reshape(1 + _PERMUTATIONS, -1), cut.active)
    return each[1:].mean(axis=0) - each[0]


def dependence(model: Fitted, cut: Cut, features: Sequence[str]) -> pd.DataFrame:
    """Return the mean forecast with a feature set to its quantiles, all else as it is.

    Parameters
    ----------
    model
        Predictor.
    cut
        Customers it is averaged over, at most 2,000 of them.
    features
        Those set.

    Returns
    -------
    pandas.DataFrame
        feature, quantile, value (as models see it), chance.

    References
    ----------
    Friedman 2001, Annals of Statistics 29(5), 1189-1232.
    """
    rng = np.random.default_rng(seed_from("retention", "dependence", str(cut.day)))
    kept = np.sort(rng.permutation(len(cut.features))[:_GRID_ROWS])
    rows = cut.features.iloc[kept]
    found = []
    for feature in features:
        values = np.quantile(cut.features[feature].to_numpy(), _POINTS)
        for quantile, value in zip(_POINTS, values, strict=True):
            chance = float(model.predict(rows.assign(**{feature: value})).mean())
            found.append(
                {"feature": feature, "quantile": quantile, "value": value, "chance": chance}
            )
    return pd.DataFrame(found)
