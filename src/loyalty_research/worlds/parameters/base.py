"""What all parts of the parameters share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Chance = Annotated[float, Field(gt=0, lt=1)]
Cents = Annotated[int, Field(ge=0)]
Weights24 = Annotated[
    tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=24, max_length=24)
]
Dropout = tuple[Positive, Positive]


class Section(BaseModel):
    """A part of the parameters: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Words(Section):
    """A text in both languages."""

    zh: str
    en: str
