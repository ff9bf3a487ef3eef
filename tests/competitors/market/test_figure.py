"""What the figure of double jeopardy shows: every brand, and the line of what is expected."""

from __future__ import annotations

import numpy as np
from competitors.market import made

from loyalty_research.competitors import market


def test_brands_are_points_and_the_line_is_the_models() -> None:
    rows = made.with_niche(made.purchases(3, 600, shares=(0.4, 0.25, 0.2, 0.15)))
    result = market.loyalty(market.open_markets(made.panel_brand(rows), period=made.PERIOD))
    frame = result.frames["category_1"]
    axes = result.plot("category_1", language="en").axes[0]
    line, *groups = axes.get_lines()
    expected = frame.sort_values("penetration_expected")
    assert np.allclose(line.get_xdata(), expected["penetration_expected"])
    assert np.allclose(line.get_ydata(), expected["purchase_frequency_expected"])
    drawn = {
        (float(x), float(y)) for group in groups for x, y in zip(*group.get_data(), strict=True)
    }
    assert drawn == set(zip(frame["penetration"], frame["purchase_frequency"], strict=True))
    labels = {group.get_label() for group in groups}
    assert "more loyal than its size" in labels
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    assert all(left <= x <= right and bottom <= y <= top for x, y in drawn)
    names = {text.get_text() for text in axes.texts}
    assert names == set(frame["brand_en"])
