"""A parser whose help and complaints are in the language of the command line."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable
from typing import Any, NoReturn

from loyalty_research.cli.words import UI_LANGUAGES, text, ui
from loyalty_research.errors import phrase


class Formatter(argparse.HelpFormatter):
    """Help text wrapped for Chinese glyphs too, which are two columns wide."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Add the line of usage under its heading in the language in use."""
        if prefix is None:
            prefix = text("help.usage") + ("" if ui() == "zh" else " ")
        super().add_usage(usage, actions, groups, prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(" ".join(text.split()), _columns(width))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        room = _columns(width - len(indent))
        lines = textwrap.wrap(" ".join(text.split()), room)
        return "\n".join(f"{indent}{line}" for line in lines)


class Parser(argparse.ArgumentParser):
    """An argument parser with ``--help`` and ``--ui``."""

    def __init__(self, *, top: bool = False, **settings: Any) -> None:
        super().__init__(**settings, add_help=False, formatter_class=Formatter)
        self._positionals.title = text("help.positionals")
        self._optionals.title = text("help.options")
        self.add_argument("-h", "--help", action="help", help=text("help.help"))
        self.add_argument(
            "--ui",
            choices=UI_LANGUAGES,
            default=ui() if top else argparse.SUPPRESS,
            help=text("help.ui"),
        )

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong, and exit with status 2."""
        told = text("help.error", program=self.prog, message=phrase(message, ui()))
        self.exit(2, f"{self.format_usage()}{told}\n")


def _columns(width: int) -> int:
    return max(10, width // 2 if ui() == "zh" else width)
