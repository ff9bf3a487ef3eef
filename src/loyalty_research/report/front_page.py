"""The page over all brands: which reports are there, and where they open."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from loyalty_research.report.deliver import MADE_BY, read_manifest
from loyalty_research.report.keys import digest

NAME = "index.html"
_MARK = f'<meta name="generator" content="{MADE_BY}">'
_KEY = '<meta name="made-from" content="{}">'
_STYLE = (
    "body{margin:0 auto;max-width:53rem;padding:1.5rem;color:#1b1f24;line-height:1.7;"
    "font-family:'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif}"
    "h1{font-weight:400;color:#08436e;border-bottom:3px solid #0072b2}"
    "section{border-top:1px solid #d5dae0;padding:.8rem 0}h2{font-weight:400;margin:0;"
    "font-size:1.25rem}p{margin:.2rem 0;color:#59636e}a{color:#005a8c}"
    ".mark{color:#8a3b00}ul{margin:.2rem 0;padding:0;list-style:none;display:flex;"
    "flex-wrap:wrap;gap:.2rem 1.2rem}"
)


def update_front_page(folder: Path) -> Path | None:
    """Write the page over all reports of a folder, where it says something new.

    Parameters
    ----------
    folder
        Of reports, one folder a brand.

    Returns
    -------
    pathlib.Path or None
        The page; None where a page of another origin stands in its place, or there is no report.
    """
    page = folder / NAME
    found = page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""
    manifests = list(_manifests(folder))
    if not manifests or (found and _MARK not in found) or page.is_symlink():
        return None
    key = digest([[manifest["brand"], manifest.get("render_key")] for manifest in manifests])
    if _KEY.format(key) not in found:  # wording is read only where something is new
        text = front_page_html(manifests).replace(_MARK, f"{_MARK}\n{_KEY.format(key)}")
        draft = folder / f".{NAME}.{os.getpid()}.new"
        draft.write_text(text, encoding="utf-8")
        draft.replace(page)
    return page


def front_page_html(manifests: list[Mapping[str, Any]]) -> str:
    """Return the page over reports in both languages.

    Parameters
    ----------
    manifests
        Of the reports, in the order shown.
    """
    from loyalty_research.language import LANGUAGES, translator

    words: dict[str, Any] = {language: translator(language) for language in LANGUAGES}
    title = " · ".join(words[language].text("report.all_reports") for language in LANGUAGES)
    sections = "\n".join(_section(manifest, words) for manifest in manifests)
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{_MARK}\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{sections}\n</main>\n</body>\n</html>\n"
    )


def _manifests(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.glob("*/manifest.json")):
        manifest = read_manifest(path.parent)
        if manifest is not None and manifest.get("brand") == path.parent.name:
            yield manifest


def _section(manifest: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    brand, files = str(manifest["brand"]), manifest.get("files", {})
    rows = []
    for language in manifest["languages"]:
        own = words[language]
        title = manifest.get("titles", {}).get(language, brand)
        facts = []
        if manifest.get("period"):
            facts.append(own.period(tuple(manifest["period"])))
        facts.append(f"{own.text('report.date')} {own.value(manifest['report_date'], 'date')}")
        line = escape(" · ".join(facts))
        if manifest.get("simulated"):
            line += f' · <span class="mark">{escape(own.text("report.simulated_short"))}</span>'
        names = [f"{language}/{NAME}", *_own_files(brand, language, files)]
        links = "".join(
            f'<li><a href="{escape(brand)}/{escape(name)}">{escape(_shown(name, own))}</a></li>'
            for name in names
            if name in files
        )
        tag = "zh-CN" if language == "zh" else "en"
        rows.append(
            f'<div lang="{tag}"><h2>{escape(title)}</h2><p>{line}</p><ul>{links}</ul></div>'
        )
    return f'<section id="{escape(brand)}">{"".join(rows)}</section>'


def _own_files(brand: str, language: str, files: Mapping[str, str]) -> list[str]:
    return sorted(name for name in files if name.startswith(f"{brand}_{language}."))


def _shown(name: str, words: Any) -> str:
    if name.endswith(f"/{NAME}"):
        return str(words.text("report.language"))
    return str(words.text("report.one_page")) if name.endswith(".html") else name.split(".")[-1]
