"""Whatever a heading holds, the brand file reads it back as it was."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from loyalty_research.intake.scalars import comment, listed, scalar

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ODD = [
    *("a: b", "'x", '"', "[1]", "# no", "no", "1", "1.0", "null", "", " ", "a\nb", "\t6917"),
    *("2024-01-01", "优惠(元)", "{x}", "&a", "*a", "!t", "%", "@", "`", "\x85"),
    *("\ufeff订单", "\U0001f600"),
]


@given(TEXTS | st.sampled_from(ODD), TEXTS)
def test_any_text_survives(heading: str, other: str):
    text = f"a: {scalar(heading)} # {comment(other)}\nb: {listed([heading, other])}\n"
    assert yaml.safe_load(text) == {"a": heading, "b": [heading, other]}
    assert yaml.safe_load(f"{scalar(heading)}: 1\n") == {heading: 1}


@given(TEXTS)
def test_a_comment_stays_one(text: str):
    assert yaml.safe_load(f"a: 1\n# {comment(text)}\nb: 2\n") == {"a": 1, "b": 2}
