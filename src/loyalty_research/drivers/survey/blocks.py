"""What a survey model may hold besides constructs: a Kano block, and best-worst tasks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictInt

from loyalty_research.brand.fields import Bilingual, Code, Section, Text


class KanoFeature(Section):
    """A pair of questions on a feature: how it is to have it, and not to have it.

    Parameters
    ----------
    name
        Of the feature.
    present, absent
        Columns with answers from 1 (I like it) to 5 (I dislike it).
    """

    name: Bilingual
    present: Text
    absent: Text


class MaxDiffBlock(Section):
    """Best-worst tasks: of a few benefits shown, which matters most, and which least.

    Parameters
    ----------
    columns
        What the names of the columns begin with. Task number 1 stands in ``<columns>1_items``, the
        codes of the benefits shown, with spaces or commas between them; ``<columns>1_best`` and
        ``<columns>1_worst``, the codes of the two chosen; and so on to the last task. A task that
        was not put or not answered is empty.
    tasks
        How many tasks a respondent was given at most.
    benefits
        Code -> wording.
    """

    columns: Text = "bw"
    tasks: Annotated[StrictInt, Field(ge=1, le=100)]
    benefits: Annotated[dict[Code, Bilingual], Field(min_length=3)]

    def names(self, task: int) -> tuple[str, str, str]:
        """Return the columns of a task, counted from 1: shown, best, worst."""
        start = f"{self.columns}{task}"
        return f"{start}_items", f"{start}_best", f"{start}_worst"

    @property
    def every(self) -> tuple[str, ...]:
        """All columns of the block."""
        return tuple(name for task in range(1, self.tasks + 1) for name in self.names(task))
