"""Two languages: catalogues, numbers, dates, money and labels."""

from loyalty_research.language.catalogue import LANGUAGES, Language, catalogue
from loyalty_research.language.translator import (
    Translator,
    current_language,
    set_language,
    translator,
)

__all__ = [
    "LANGUAGES",
    "Language",
    "Translator",
    "catalogue",
    "current_language",
    "set_language",
    "translator",
]
