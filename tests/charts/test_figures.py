"""Every figure of the sample brand, as it is drawn: texts, data, bytes, languages, colours."""

from __future__ import annotations

import functools
import re
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from results.analyses import make_orders, shop_results, supermarket_results
from results.offer_shops import offer_results
from results.segment_shops import segment_results

from loyalty_research import profile
from loyalty_research.charts import KINDS, draw, svg_bytes
from loyalty_research.charts.look import COLOURS, look
from loyalty_research.engine import Context
from loyalty_research.errors import ParameterError
from loyalty_research.findings import Chart
from loyalty_research.language import Translator, catalogue

PIXEL = 1.0
CLOSE = 1e-9
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
FIGURES = [
    ("supermarket", "board", "months"),
    ("supermarket", "board", "decomposition"),
    ("supermarket", "concentration", "lorenz"),
    ("supermarket", "rfm", "segments"),
    ("supermarket", "rfm", "grid"),
    ("supermarket", "retention", "survival"),
    ("supermarket", "lifecycle", "stages"),
    ("supermarket", "migration", "flows"),
    ("supermarket", "timing", "hours"),
    ("supermarket", "stores", "main_share"),
    ("supermarket", "store_board", "stores"),
    ("supermarket", "prices", "bands"),
    ("supermarket", "prices", "segments"),
    ("supermarket", "preferences", "affinity"),
    ("supermarket", "preferences", "seasons"),
    ("supermarket", "preferences", "dayparts"),
    ("supermarket", "promotions", "days"),
    ("supermarket", "timing", "weeks"),
    ("supermarket", "people", "spend"),
    ("supermarket", "customer_value", "bands"),
    ("supermarket", "customer_value", "weekly"),
    ("supermarket", "customer_value", "cumulative"),
    ("supermarket", "customer_value", "groups"),
    ("supermarket", "actions", "rules"),
    ("full", "board", "decomposition"),  # with unidentified sales
    ("full", "retention", "cohorts"),
    ("full", "store_board", "stores"),
    ("full", "channels", "mix"),
    ("full", "channels", "moves"),
    ("full", "funnel", "steps"),
    ("full", "stored_value", "months"),
    ("full", "timing", "kinds"),
    ("two_years", "new_products", "trial"),
    ("two_years", "promotions", "second"),
    ("two_years", "tiers", "tiers"),
    ("ten_days", "migration", "flows"),
    ("ten_days", "preferences", "affinity"),  # nothing beyond chance
    ("kinds", "segments", "evidence"),
    ("kinds", "segments", "traits"),
    ("kinds", "segments", "sizes"),
    ("no_kinds", "segments", "evidence"),
    ("partners", "next_products", "hits_repeat"),
    ("partners", "trading_up", "shares"),
]
each_figure = pytest.mark.parametrize("key", FIGURES, ids=".".join)
each_language = pytest.mark.parametrize("language", ["zh", "en"])
each_width = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])


def results_of(where: str):
    if where in {"kinds", "no_kinds"}:
        return {"segments": segment_results()[where]}
    if where == "partners":
        return {result.name: result for result in offer_results()[where]}
    return supermarket_results() if where == "supermarket" else shop_results(where)


def described(key) -> tuple[Chart, pd.DataFrame, Context]:
    where, name, chart = key
    result = results_of(where)[name]
    view = next(item for item in result.charts if item.name == chart)
    return view, result.frames[view.frame], result.context


@functools.cache
def drawn(key, language: str, narrow: bool = False) -> Figure:
    view, frame, context = described(key)
    return draw(view, frame, Translator(language, context), narrow=narrow)


def tick_labels(axis) -> list[Text]:
    low, high = sorted(axis.get_view_interval())
    places = zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)
    return [label for place, label in places if low <= place <= high and label.get_text()]


def frame_texts(figure: Figure) -> list[Text]:
    """Return the texts around the panels: ticks, names of axes, titles, legends."""
    texts = [text for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
            texts += tick_labels(axis)
            texts.append(axis.label)
        texts += [axes.title, axes._left_title, axes._right_title]
    return [text for text in texts if text.get_text().strip() and text.get_visible()]


def all_texts(figure: Figure) -> list[Text]:
    inside = [text for axes in figure.axes for text in axes.texts]
    return [*frame_texts(figure), *inside, *figure.texts]


def overlapping(texts: list[Text], slack: float = PIXEL) -> list[tuple[str, str]]:
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    return [
        (first, second)
        for (first, one), (second, two) in combinations(boxes, 2)
        if min(one.x1, two.x1) - max(one.x0, two.x0) > slack
        and min(one.y1, two.y1) - max(one.y0, two.y0) > slack
    ]


def test_no_figure_is_left_out() -> None:
    there = {
        ("supermarket", name, chart.name)
        for name, result in supermarket_results().items()
        for chart in result.charts
    }
    assert there == {key for key in FIGURES if key[0] == "supermarket"}
    assert {described(key)[0].kind for key in FIGURES} | {
        "brand_map",
        "curve",
        "forest",
        "jeopardy",
        "layers",
        "panels",
        "plane",
    } == set(KINDS)


@each_figure
@each_language
@each_width
def test_texts_stay_inside_and_apart(key, language, narrow) -> None:
    figure = drawn(key, language, narrow)
    canvas = figure.bbox
    for text in all_texts(figure):
        box = text.get_window_extent()
        inside = (
            box.x0 >= canvas.x0 - PIXEL
            and box.x1 <= canvas.x1 + PIXEL
            and box.y0 >= canvas.y0 - PIXEL
            and box.y1 <= canvas.y1 + PIXEL
        )
        assert inside, (text.get_text(), box)
    assert overlapping(frame_texts(figure)) == []
    for axes in figure.axes:
        assert overlapping(list(axes.texts)) == []


@each_figure
@each_width
def test_each_language_keeps_to_itself(key, narrow) -> None:
    zh = [text.get_text() for text in all_texts(drawn(key, "zh", narrow))]
    en = [text.get_text() for text in all_texts(drawn(key, "en", narrow))]
    foreign = [text for text in zh if LATIN.search(text) and not HAN.search(text)]
    assert set(foreign) <= {"R", "F", "M", "App"}
    # A category, a level or a class in Latin letters would be the source's name, left as it was.
    words = {word for text in zh for word in re.findall(r"[A-Za-z]+", text)}
    assert words <= {"R", "F", "M", "RFM", "App"}  # App is Chinese usage
    assert any(HAN.search(text) for text in zh)
    assert not any(HAN.search(text) for text in en)


@each_figure
@each_language
def test_same_bytes_twice(key, language) -> None:
    view, frame, context = described(key)
    again = draw(view, frame, Translator(language, context))
    first, second = svg_bytes(drawn(key, language)), svg_bytes(again)
    assert first == second
    assert first.startswith(b"<?xml")
    assert b"<text" not in first  # glyphs are paths: no font is needed to read it
    assert b"dc:date" not in first


def bar_heights(figure: Figure) -> list[np.ndarray]:
    containers = [item for item in figure.axes[0].containers if isinstance(item, BarContainer)]
    horizontal = [item.orientation == "horizontal" for item in containers]
    return [
        np.array([bar.get_width() if flat else bar.get_height() for bar in item])
        for item, flat in zip(containers, horizontal, strict=True)
    ]


@each_figure
@each_width
def test_what_is_drawn_is_the_frame(key, narrow) -> None:
    view, frame, _ = described(key)
    figure = drawn(key, "en", narrow)
    axes, encode = figure.axes[0], view.encode
    if view.kind in {"bars", "stacked"}:
        names = encode.get("parts") or encode["y"]
        names = [names] if isinstance(names, str) else names
        for column, value in (encode.get("where") or {}).items():
            frame = frame[frame[column] == value]
        for name, heights in zip(names, bar_heights(figure), strict=True):
            assert heights == pytest.approx(
                frame[name].to_numpy(dtype=float), abs=CLOSE, nan_ok=True
            )
    if view.kind == "stacked":
        marks = axes.lines[0].get_ydata()
        assert marks == pytest.approx(frame[encode["total"]].to_numpy())
        ends = np.sum(bar_heights(figure), axis=0)
        assert marks == pytest.approx(ends, abs=1e-6 * np.abs(ends).max())
    if view.kind in {"curve", "lorenz"}:
        line = axes.lines[0]
        dated = encode.get("x_unit") == "date"
        places = np.arange(len(frame)) if dated else frame[encode["x"]].to_numpy(dtype=float)
        assert line.get_xdata() == pytest.approx(places)
        assert line.get_ydata() == pytest.approx(frame[encode["y"]].to_numpy(dtype=float))
    if view.kind == "matrix":
        cells = axes.images[0].get_array()
        shown = np.ma.masked_invalid(cells).compressed()
        assert sorted(shown) == pytest.approx(sorted(frame[encode["value"]]))
        place = {text.get_text(): spot for spot, text in _places(axes.xaxis)}
        rows = {text.get_text(): spot for spot, text in _places(axes.yaxis)}
        assert len(rows) == cells.shape[0]
        assert place
    if view.kind == "intervals":
        dots = np.concatenate([line.get_xdata() for line in axes.lines[:-1]])
        assert sorted(dots) == pytest.approx(sorted(frame[encode["value"]]))
        bounds = np.concatenate([item.get_segments() for item in axes.collections])[:, :, 0]
        wanted = frame[[encode["low"], encode["high"]]].to_numpy()
        assert np.sort(bounds, axis=0) == pytest.approx(np.sort(wanted, axis=0))
        assert set(axes.lines[-1].get_xdata()) == set(frame[encode["reference"]])
    if view.kind == "flows":
        heights = np.array([item.get_height() for item in axes.patches if _is_bar(item)])
        named = encode.get("origin_unit", "").startswith("label:")
        bands = encode["names"] if named else range(len(encode["names"]))
        wanted = [
            frame.groupby(column)[value].sum().reindex(bands, fill_value=0.0).to_numpy()
            for value in encode["values"]
            for column in (encode["origin"], encode["target"])
        ]
        for found, sums in zip(heights.reshape(len(wanted), -1), wanted, strict=True):
            assert found / found.sum() == pytest.approx(sums / sums.sum())


def _is_bar(patch) -> bool:
    return isinstance(patch, Rectangle)


def _places(axis):
    return zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)


def test_cells_of_the_grid_stand_at_their_scores() -> None:
    view, frame, _ = described(("supermarket", "rfm", "grid"))
    cells = drawn(("supermarket", "rfm", "grid"), "en").axes[0].images[0].get_array()
    for row in frame.itertuples():
        assert cells[5 - row.r_score, row.f_score - 1] == pytest.approx(row.share_customers)
    labels = [text.get_text() for text in drawn(("supermarket", "rfm", "grid"), "en").axes[0].texts]
    best = frame[(frame["r_score"] == 5) & (frame["f_score"] == 5)]["share_customers"].iloc[0]
    assert f"{best:.1%}" in labels
    assert view.values["corner"].value == best  # noqa: PD011


def test_whiskers_reach_the_bounds_of_the_interval() -> None:
    key = ("supermarket", "prices", "segments")
    _, frame, _ = described(key)
    (container,) = drawn(key, "en").axes[0].containers[1:]
    (lines,) = container.errorbar.lines[2] if hasattr(container, "errorbar") else container[2]
    ends = np.array([segment[:, 0] for segment in lines.get_segments()])
    wanted = frame[["share_on_offer_low", "share_on_offer_high"]].to_numpy()
    assert ends == pytest.approx(wanted)


@each_language
def test_ribbons_of_a_band_fill_its_bar(language) -> None:
    key = ("supermarket", "migration", "flows")
    view, frame, _ = described(key)
    axes = drawn(key, language).axes[0]
    ribbons = [item for item in axes.patches if not _is_bar(item)]
    assert len(ribbons) == sum((frame[value] > 0).sum() for value in view.encode["values"])
    heights = [np.ptp(item.get_path().vertices[[3, 4], 1]) for item in ribbons]
    bars = [item.get_height() for item in axes.patches if _is_bar(item)]
    assert sum(heights) == pytest.approx(sum(bars) / 2)
    texts = [text.get_text() for text in axes.texts]
    for name in view.encode["names"]:
        assert texts.count(name) == 2 * len(view.encode["values"])


def test_stars_stand_where_chance_is_left_out() -> None:
    key = ("supermarket", "preferences", "affinity")
    _, frame, _ = described(key)
    for language in ("zh", "en"):
        texts = [text.get_text() for text in drawn(key, language).axes[0].texts]
        assert sum(text.endswith("*") for text in texts) == frame["beyond_chance"].sum() > 0
    none = ("ten_days", "preferences", "affinity")
    assert not described(none)[1]["beyond_chance"].any()
    assert not any(text.get_text().endswith("*") for text in drawn(none, "en").axes[0].texts)


def test_one_is_the_middle_of_the_two_colours() -> None:
    image = drawn(("supermarket", "preferences", "affinity"), "en").axes[0].images[0]
    assert image.norm(1.0) == pytest.approx(0.5)


def test_stores_told_apart_lie_off_the_line() -> None:
    key = ("supermarket", "store_board", "stores")
    view, frame, context = described(key)
    figure = drawn(key, "en")
    words = Translator("en", context)
    shown = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    counts = frame["group"].value_counts()
    assert shown == [
        f"{words.value(name, view.encode['group_unit'])} ({counts[name]})"
        for name in view.encode["groups"]
        if name in counts
    ]
    assert not tick_labels(figure.axes[0].yaxis)  # a place is no rank, and names no store


def test_survival_marks_the_median_of_the_title() -> None:
    key = ("supermarket", "retention", "survival")
    view, _, context = described(key)
    figure = drawn(key, "en")
    words = Translator("en", context)
    median = words.value(view.values["median"].value, "days")  # noqa: PD011
    assert median in [text.get_text() for text in figure.axes[0].texts]
    assert median in words.title(view)
    assert figure.axes[0].lines[1].get_xdata()[0] == view.encode["marks"][0]


@each_language
def test_title_inside_stays_inside(language) -> None:
    key = ("supermarket", "board", "decomposition")
    view, frame, context = described(key)
    figure = draw(view, frame, Translator(language, context), title=True)
    box = figure._suptitle.get_window_extent()
    assert box.x1 <= figure.bbox.x1 + PIXEL
    assert figure._suptitle.get_text().replace("\n", "") == Translator(language, context).title(
        view
    )


@each_language
def test_simulated_data_is_marked_in_the_figure(language) -> None:
    view, frame, _ = described(("supermarket", "concentration", "lorenz"))
    words = Translator(language, Context(evidence="synthetic", currency="USD"))
    marked = draw(view, frame, words)
    assert words.text("simulated") in [text.get_text() for text in marked.texts]
    plain = Translator(language, Context(currency="USD"))
    assert draw(view, frame, plain).texts == []


@each_language
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("title", [False, True])
def test_the_mark_of_simulated_data_covers_nothing(language, narrow, title) -> None:
    for key in (("supermarket", "timing", "hours"), ("supermarket", "rfm", "segments")):
        view, frame, _ = described(key)
        words = Translator(language, Context(evidence="synthetic", currency="USD"))
        figure = draw(view, frame, words, narrow=narrow, title=title)
        mark = figure.texts[-1].get_window_extent()
        renderer = figure.canvas.get_renderer()
        drawn = [axes.get_tightbbox(renderer) for axes in figure.axes]
        legends = [legend.get_window_extent() for legend in figure.legends]
        assert not any(mark.overlaps(box) for box in drawn + legends), key
        assert not any(legend.overlaps(box) for legend in legends for box in drawn), key


def test_a_name_that_no_font_can_print_stops_no_figure() -> None:
    view, frame, _ = described(("supermarket", "rfm", "segments"))
    words = Translator("zh", Context(audience_word="\U00012000"))  # cuneiform: in neither font
    assert svg_bytes(draw(view, frame, words))


@each_language
def test_every_word_of_ours_can_be_printed(language) -> None:
    with look(narrow=False):
        families = plt.rcParams["font.family"]
    known = set()
    for family in families:
        known |= set(font_manager.get_font(font_manager.findfont(family)).get_charmap())
    texts = "".join(catalogue(language).values())
    assert {char for char in texts if ord(char) > 32 and ord(char) not in known} == set()


@each_language
def test_rare_chinese_characters_have_glyphs(language) -> None:
    view, frame, _ = described(("supermarket", "rfm", "segments"))
    context = Context(audience_word="鑫淼堃囍", currency="CNY")
    assert svg_bytes(draw(view, frame, Translator(language, context)))


def test_no_such_figure_names_those_there_are() -> None:
    result = profile.rfm(make_orders(), as_of="2024-12-31")
    with pytest.raises(ParameterError, match="segments, grid"):
        result.plot("pie")
    assert isinstance(result.plot(), Figure)


def test_every_figure_draws_in_colours_of_the_palette() -> None:
    for key in FIGURES:
        for container in drawn(key, "en").axes[0].containers:
            if isinstance(container, BarContainer):
                colours = {tuple(bar.get_facecolor()) for bar in container}
                assert len(colours) == 1
    from matplotlib.colors import to_rgba

    stacked = drawn(("full", "board", "decomposition"), "en").axes[0].containers
    assert [tuple(item[0].get_facecolor()) for item in stacked] == [
        to_rgba(colour) for colour in COLOURS[: len(stacked)]
    ]
