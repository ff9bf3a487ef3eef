"""Words the brand adds for reading comments: names kept whole, and names of aspects."""

from __future__ import annotations

from pydantic import Field

from loyalty_research.brand.fields import Section, Text
from loyalty_research.brand.fixes import Aspect


class FeedbackWords(Section):
    """Words of the brand's own in comments.

    Parameters
    ----------
    words
        Kept whole in counts of words, such as nicknames of products.
    aspects
        Words that name an aspect, beside those of data/feedback/aspects.yaml.
    """

    words: tuple[Text, ...] = ()
    aspects: dict[Aspect, tuple[Text, ...]] = Field(default_factory=dict)
