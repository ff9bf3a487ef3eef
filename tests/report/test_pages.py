"""Pages: what they show, what they escape, and how they open."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING

import pytest
from browser import open_page
from fontTools.ttLib import TTFont
from report.sandbox import Sandbox

from loyalty_research.report.fonts import embedded_fonts
from loyalty_research.report.prose import split_headings, to_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = [
    f"{language}/{page}.html" for language in ("zh", "en") for page in ("index", "profile", "other")
]
_DATA = re.compile(r"data:[a-z/+0-9;]+base64,[A-Za-z0-9+/=]+")


def text(sandbox: Sandbox, page: str) -> str:
    """Return a page without what is embedded in it."""
    return _DATA.sub("", sandbox.files()[page].decode())


def test_a_page_follows_its_notebook(delivered: Sandbox) -> None:
    page = text(delivered, "en/profile.html")
    order = [
        "<h1>Customer profile</h1>",
        "The board comes first</h2>",
        "<table>",
        "Finding board_repurchase_rate",
        "Board (5 bins)",
        "Segments come second</h2>",
        "Finding rfm_best_share",
        "The best class brings 50.0%",
        'id="def-repurchase_rate"',
    ]
    places = [page.index(item) for item in order]
    assert places == sorted(places)
    for foreign in ("teach", "顾客画像", "/secret", "made_results"):
        assert foreign not in page
    chinese = text(delivered, "zh/profile.html")
    assert "看板是第一节</h2>" in chinese
    assert "The board comes first" not in chinese
    assert '<html lang="zh-CN">' in chinese


def test_tables_print_units_intervals_and_the_language_of_the_page(delivered: Sandbox) -> None:
    english, chinese = (text(delivered, f"{name}/profile.html") for name in ("en", "zh"))
    assert '<td class="number">CN¥1.23m</td><td>first</td>' in english
    assert '42.1% <span class="interval">(40.0%–44.0%)</span>' in english
    assert '<td class="number">123.5 万元</td><td>甲</td>' in chinese
    assert '<th scope="col" class="number">数值</th>' in chinese


def test_what_comes_from_data_is_escaped(delivered: Sandbox) -> None:
    for name in PAGES:
        page = text(delivered, name)
        assert "<script" not in page.lower()
        assert "&lt;b&gt;" in page or "profile" not in name
        assert "Tiny &lt;test&gt; &amp; sons" in page
        assert "default-src 'none'" in page


def test_the_verdict(delivered: Sandbox) -> None:
    page = text(delivered, "en/index.html")
    assert '<p class="headline">In short board_repurchase_rate: 42.1%.</p>' in page
    assert page.count('class="value"') == 4
    assert 'href="profile.html#def-repurchase_rate"' in page
    assert page.index("Finding rfm_best_share") < page.index("Finding rfm_lapsing_value")
    assert page.count('class="recommendation"') == 3
    assert "not an expected gain" in page
    assert "Subject board_second_purchase_rate: not stated" in page
    assert "table survey" in page
    assert "Simulated data" not in page
    targets = set(re.findall(r'href="(profile\.html)#([^"]+)"', page))
    chapter = text(delivered, "en/profile.html")
    assert len(targets) > 5
    assert all(f'id="{anchor}"' in chapter for _, anchor in targets)


def test_every_link_leads_to_a_file(delivered: Sandbox) -> None:
    for name in [*PAGES, "index.html"]:
        folder = (delivered.report / name).parent
        for target in re.findall(r'href="([^"#]+)(?:#[^"]*)?"', text(delivered, name)):
            assert (folder / target).resolve().is_file(), (name, target)


def test_simulated_data_are_marked_on_every_page(copied: Sandbox) -> None:
    assert copied.make("-p", "evidence=synthetic").returncode == 0
    for name in [*PAGES, "index.html"]:
        word = "模拟数据" if name.startswith("zh") else "Simulated data"
        assert f'<p class="banner" role="note">{word}' in text(copied, name)


def test_the_notebook_is_delivered_in_one_language(delivered: Sandbox) -> None:
    english = delivered.files()["en/1_profile.ipynb"].decode()
    assert "teach-en" in english
    assert "teach-zh" not in english
    assert "看板" not in english
    assert "file.txt" in english  # what the code printed, without its folder
    assert "Finding board_repurchase_rate" in english
    for volatile in ("start_time", "duration", "papermill", "no_such_kernel"):
        assert volatile not in english


def test_the_font_in_a_page_covers_what_the_page_prints(delivered: Sandbox) -> None:
    for name in PAGES:
        page = delivered.files()[name].decode()
        found = re.search(r"data:font/woff2;base64,([A-Za-z0-9+/=]+)", page)
        assert found is not None
        covered = set(TTFont(io.BytesIO(base64.b64decode(found[1]))).getBestCmap())
        printed = {ord(item) for item in _DATA.sub("", page) if item.isprintable()}
        assert {chr(item) for item in printed - covered} == set(), name


def test_the_same_text_gives_the_same_font() -> None:
    assert embedded_fonts({"a": "顾客", "b": "会员"})["a"] == embedded_fonts({"a": "顾客"})["a"]


def test_prose_is_markdown_without_html() -> None:
    assert to_html("*a* <i>b</i>") == "<p><em>a</em> &lt;i&gt;b&lt;/i&gt;</p>\n"
    assert "<td>1</td>" in to_html("|a|\n|-|\n|1|")
    assert "href" not in to_html("[x](javascript:alert(1))")
    assert split_headings("lead\n# A\n```\n# no\n```\n## B `c`\nend") == [
        (0, "", "lead"),
        (1, "A", "```\n# no\n```"),
        (2, "B `c`", "end"),
    ]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_opens_without_a_request_and_fits(
    delivered: Sandbox, browser: Browser, width: int
) -> None:
    for name in [*PAGES, "index.html"]:
        opened = open_page(browser, delivered.report / name, width)
        page = opened.page
        assert opened.requests == [], name
        assert opened.errors == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.locator("h1").count() == 1
        fonts = page.evaluate("[...document.fonts].map(font => font.status)")
        assert fonts == ["loaded"], name
        for image in page.locator("img").all():
            assert image.get_attribute("alt")
            assert image.evaluate("image => image.naturalWidth") > 0
        page.close()


def test_a_phone_gets_a_figure_of_its_own_and_paper_the_wide_one(
    delivered: Sandbox, browser: Browser
) -> None:
    opened = open_page(browser, delivered.report / "zh" / "profile.html", 390)
    source = "document.querySelector('figure img').currentSrc"
    narrow = opened.page.evaluate(source)
    opened.page.set_viewport_size({"width": 1280, "height": 900})
    opened.page.wait_for_function(f"{source} !== {narrow!r}")
    opened.page.close()
