"""Sliders in JupyterLab: thresholds, multipliers and prices move, a simulated sample answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import pandas as pd

from loyalty_research.engine import Context
from loyalty_research.errors import LoyaltyError, ParameterError, problem
from loyalty_research.language import Translator, current_language, translator
from loyalty_research.programmes.load import load_programme
from loyalty_research.programmes.schema import Programme
from loyalty_research.results.store import ResultStore
from loyalty_research.tiers.optimisation import Space, space
from loyalty_research.tiers.simulation import Population, Priors, Responses, sample_of, simulate
from loyalty_research.tiers.simulation import population as population_from
from loyalty_research.tiers.simulation import priors as default_priors
from loyalty_research.tiers.sliders_moves import label_of, moves_of
from loyalty_research.tiers.sliders_views import answer_html, answer_of

_PAUSE = 0.15
"""Seconds without a move before the sample answers."""


class Sliders:
    """Sliders of a programme and the answer of a sample; made by :func:`sliders`.

    Parameters
    ----------
    part, customers
        The sample, and how many customers it stands for.
    designs
        What may move.
    against
        The programme that the answer compares with.
    settings
        Arguments of ``simulate``.
    words
        Of the language.
    """

    def __init__(
        self,
        part: Population,
        customers: int,
        designs: Space,
        against: Programme,
        settings: Mapping[str, Any],
        words: Translator,
    ) -> None:
        import ipywidgets  # type: ignore[import-untyped]

        self.part, self.customers, self.designs = part, customers, designs
        self.settings, self.words = dict(settings), words
        self._base = simulate(part, against, **self.settings)
        self._waiting: asyncio.TimerHandle | None = None
        self.by_path = {
            knob.path: _slider(ipywidgets, designs.base, knob.path, knob.all_values, words)
            for knob in designs.knobs
        }
        self._html = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([*self.by_path.values(), self._html])
        for slider in self.by_path.values():
            slider.observe(self._moved, names="value")
        self.update()

    @property
    def programme(self) -> Programme | None:
        """The design as the sliders stand; None where its rules contradict each other."""
        values = [float(value) for slider in self.by_path.values() for value in [slider.value]]
        choice = tuple(
            [float(one) for one in knob.all_values].index(value)
            for knob, value in zip(self.designs.knobs, values, strict=True)
        )
        return self.designs.programme(choice)

    def update(self) -> None:
        """Simulate the design as the sliders stand, and show what it gives."""
        self._waiting = None
        design = self.programme
        if design is None:
            self.answer = pd.DataFrame()
            self._html.value = f"<p>{self.words.text('sliders.impossible')}</p>"
            return
        made = simulate(self.part, design, **self.settings)
        self.answer = answer_of(made, self._base, self.customers / self.part.size, self.words)
        self._html.value = answer_html(self.answer, made, self.customers, self.words)

    def _moved(self, _change: Any) -> None:
        """Wait until the slider rests; at once where no event loop runs."""
        if self._waiting is not None:
            self._waiting.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.update()
        else:
            self._waiting = loop.call_later(_PAUSE, self.update)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)


class Unmoved:
    """What stands in a report in place of sliders: a sentence."""

    def __init__(self, words: Translator) -> None:
        self.text = words.text("sliders.lab_only")

    def __repr__(self) -> str:
        return self.text


def sliders(
    population_or_brand: Any,
    programme: Programme | str | None = None,
    *,
    against: Programme | str | None = None,
    knobs: Mapping[str, Any] | None = None,
    margin: float | None = None,
    customers: int = 1500,
    responses: Responses | Priors = default_priors,
    periods: int = 52,
    seed: int = 1,
    language: str | None = None,
) -> Sliders | Unmoved:
    """Return sliders for the numbers of a programme that a simulated sample answers at once.

    Parameters
    ----------
    population_or_brand
        A population of :func:`population` or :func:`population_of`, or an opened brand.
    programme
        Whose numbers move; None for the one the brand runs.
    against
        What the answer compares with; None for the brand's programme, else for ``programme`` as it
        stands.
    knobs
        What moves, as in :func:`space`; None for thresholds, multipliers and prices of rewards.
    margin
        Share of net sales, for a brand; None for the brand file's.
    customers
        Size of the sample: small, so that an answer takes well under a second.
    responses
        Of the sample; of priors the middle.
    periods, seed
        As in :func:`simulate`.
    language
        ``zh`` or ``en``; None for the one in use.

    Returns
    -------
    Sliders or Unmoved
        Sliders in JupyterLab: ``.by_path`` (slider by path of its number), ``.answer`` (table),
        ``.programme`` (the design as they stand, to be written as a file). In a report run a
        sentence, and nothing is simulated.

    Raises
    ------
    ParameterError
        Where nothing names a programme, or a path leads to no number.
    LoyaltyError
        Where ipywidgets is not installed.

    Examples
    --------
    >>> s = tiers.sliders(b)  # doctest: +SKIP
    >>> lr.programmes.write_programme(s.programme, "plan_b.yaml")  # doctest: +SKIP
    """
    words = translator(language or current_language(), _context(population_or_brand))
    if ResultStore.current() is not None:
        return Unmoved(words)
    if find_spec("ipywidgets") is None:
        raise LoyaltyError(
            problem(
                "sliders: ipywidgets is not installed; it comes with the environment of the lab: "
                "pip install 'loyalty-research[lab]'"
            )
        )
    brand = None if isinstance(population_or_brand, Population) else population_or_brand
    rules = _rules(programme, brand)
    moves: Mapping[str, Any] = moves_of(rules) if knobs is None else knobs
    designs = space(rules, moves)
    people = (
        population_or_brand if brand is None else population_from(brand, margin=margin, seed=seed)
    )
    compared = against if against is not None else getattr(brand, "programme", None)
    base = load_programme(compared) if isinstance(compared, str) else compared
    middle = responses.median() if isinstance(responses, Priors) else responses
    settings = {"responses": middle, "periods": periods, "seed": seed}
    part = sample_of(people, customers, seed)
    return Sliders(part, people.size, designs, base or rules, settings, words)


def _rules(programme: Programme | str | None, brand: Any) -> Programme:
    chosen = programme if programme is not None else getattr(brand, "programme", None)
    if chosen is None:
        raise ParameterError(
            problem(
                "sliders: no programme is named; give programme=, or a brand whose file names the "
                "one it runs (programme:)"
            )
        )
    return load_programme(chosen) if isinstance(chosen, str) else chosen


def _slider(ipywidgets: Any, rules: Programme, path: str, values: Any, words: Translator) -> Any:
    """Return a slider over the values of a number, at the one the programme has."""
    name, now = label_of(rules, path, words)
    numbers = [float(value) for value in values]
    start = (
        min(numbers, key=lambda value: abs(value - float(now))) if now is not None else numbers[0]
    )
    return ipywidgets.SelectionSlider(
        options=[(f"{value:g}", value) for value in numbers],
        value=start,
        description=name,
        continuous_update=True,
        style={"description_width": "24em"},
        layout={"width": "48em"},
    )


def _context(population_or_brand: Any) -> Context:
    context = getattr(population_or_brand, "context", None)
    if isinstance(context, Context):
        return context
    own = getattr(getattr(population_or_brand, "source", None), "brand", None)
    return own.context if own is not None else Context()
