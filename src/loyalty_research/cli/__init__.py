"""The command line: ``loyalty brands``, ``check BRAND``, ``report BRAND``, ``lab``."""

from loyalty_research.cli.entry import main

__all__ = ["main"]
