"""The report: chapters are notebooks, executed once, rendered in two languages.

Importing this package is cheap; papermill, pandas and matplotlib are imported by the steps that
need them, so that an unchanged report is recognised without them.
"""
