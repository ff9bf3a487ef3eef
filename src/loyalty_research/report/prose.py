"""Prose cells to HTML: Markdown with tables, without raw HTML."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def parsed(text: str) -> list[Token]:
    """Return Markdown as tokens, for formats other than HTML."""
    return _parser().parse(text)


def to_html(text: str) -> str:
    """Return Markdown as HTML; raw HTML in it is shown as text."""
    return str(_parser().render(text))


def inline_html(text: str) -> str:
    """Return one line of Markdown, such as a heading, as HTML."""
    return str(_parser().renderInline(text))


def split_headings(text: str) -> list[tuple[int, str, str]]:
    """Split Markdown at its headings.

    Returns
    -------
    list of (level, heading, text below it)
        Level 0 and an empty heading for what stands before the first.
    """
    lines = text.splitlines()
    tokens = parsed(text)
    parts: list[tuple[int, str, str]] = []
    level, title, start = 0, "", 0

    def close(stop: int) -> None:
        below = "\n".join(lines[start:stop]).strip()
        if title or below:
            parts.append((level, title, below))

    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map is not None:
            close(token.map[0])
            level, title, start = int(token.tag[1]), tokens[place + 1].content, token.map[1]
    close(len(lines))
    return parts
