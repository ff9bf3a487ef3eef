"""Brands: where they stand, and what their file says.

Nothing here reads a table, so that the command line can name brands and find mistakes in a brand
file without the heavy libraries.
"""

from loyalty_research.brand.calendar import Calendar, calendar_of
from loyalty_research.brand.fact_series import BrandFacts, FactPoint, Facts, FactSeries
from loyalty_research.brand.facts import load_facts
from loyalty_research.brand.fields import Bilingual
from loyalty_research.brand.home import brand_folder, cache_folder, find_home, list_brands, shown
from loyalty_research.brand.load import load_brand_file
from loyalty_research.brand.schema import BrandFile, Notice, SourceNote
from loyalty_research.brand.schema_tables import ColumnRule, TableSpec

__all__ = [
    "Bilingual",
    "BrandFacts",
    "BrandFile",
    "Calendar",
    "ColumnRule",
    "FactPoint",
    "FactSeries",
    "Facts",
    "Notice",
    "SourceNote",
    "TableSpec",
    "brand_folder",
    "cache_folder",
    "calendar_of",
    "find_home",
    "list_brands",
    "load_brand_file",
    "load_facts",
    "shown",
]
