"""What may stand in a survey model, data/surveys/<model>.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, StrictBool, StrictInt, model_validator

from loyalty_research.brand.fields import Bilingual, Code, Section, Text
from loyalty_research.drivers.pls.design import Design, make_design
from loyalty_research.drivers.survey.blocks import KanoFeature, MaxDiffBlock


class Scale(Section):
    """Lowest and highest answer."""

    min: StrictInt
    max: StrictInt

    @model_validator(mode="after")
    def _ordered(self) -> Scale:
        if self.max <= self.min:
            msg = "a max above the min"
            raise ValueError(msg)
        return self


class Indicator(Bilingual):
    """An item: its wording, and whether a high answer means little of the construct."""

    reversed: StrictBool = False


class Construct(Section):
    """What several items measure together.

    Parameters
    ----------
    name
        In both languages.
    mode
        ``A``: items reflect the construct; ``B``: they make it up.
    single
        ``true`` for a construct that has one item on purpose: its reliability cannot be judged.
    indicators
        Column of the table ``survey`` -> wording.
    """

    name: Bilingual
    mode: Literal["A", "B"] = "A"
    single: StrictBool = False
    indicators: Annotated[dict[Text, Indicator], Field(min_length=1)]


class SurveyModel(Section):
    """A survey model, checked.

    Parameters
    ----------
    name, source
        What it is, and where it was published.
    scale
        Of all items.
    constructs
        Code -> construct.
    paths
        Code -> codes of the constructs with an arrow to it.
    outcome
        The construct that stands for loyalty.
    explained
        The construct whose differences are dealt out to its direct causes; the outcome where not
        given.
    duration
        Column with the seconds a respondent took; missing for none.
    kano
        Code -> feature, where the survey has such a block.
    maxdiff
        Best-worst tasks on benefits, where the survey has such a block.
    groups
        Column of the survey, or of the customers it is linked to, by which paths are compared ->
        its levels that are; none listed for all.
    scores
        What an item asks outright -> the item: would you recommend us, how satisfied are you, will
        you come again. What is not asked is left out.
    """

    name: Bilingual
    source: Text
    scale: Scale
    constructs: Annotated[dict[Code, Construct], Field(min_length=2)]
    paths: Annotated[
        dict[Code, Annotated[tuple[Code, ...], Field(min_length=1)]], Field(min_length=1)
    ]
    outcome: Code
    explained: Code | None = None
    duration: Text | None = None
    kano: dict[Code, KanoFeature] = Field(default_factory=dict)
    maxdiff: MaxDiffBlock | None = None
    groups: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    scores: dict[Literal["recommend", "satisfaction", "repurchase"], Text] = Field(
        default_factory=dict
    )

    _path: Path = PrivateAttr(default=Path("survey.yaml"))

    def model_post_init(self, context: Any) -> None:
        """Keep the path that the loader hands over as validation context."""
        if isinstance(context, dict) and "path" in context:
            self._path = context["path"]

    @property
    def id(self) -> str:
        """Name of the file."""
        return self._path.stem

    @property
    def items(self) -> tuple[str, ...]:
        """Columns of all items, construct by construct."""
        return tuple(item for part in self.constructs.values() for item in part.indicators)

    @property
    def reversed_items(self) -> frozenset[str]:
        """Columns whose answers are turned round."""
        return frozenset(
            item
            for part in self.constructs.values()
            for item, told in part.indicators.items()
            if told.reversed
        )

    @property
    def design(self) -> Design:
        """The model in numbers."""
        return make_design(
            {name: tuple(part.indicators) for name, part in self.constructs.items()},
            self.paths,
            modes={name: part.mode for name, part in self.constructs.items()},
        )

    def label(self, construct: str, language: Literal["zh", "en"]) -> str:
        """Return the name of a construct."""
        return str(getattr(self.constructs[construct].name, language))
