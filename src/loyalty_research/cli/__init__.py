"""The command line: ``loyalty brands``, ``loyalty check BRAND``, ``loyalty report BRAND``."""

from loyalty_research.cli.entry import main

__all__ = ["main"]
