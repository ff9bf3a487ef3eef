"""Colours that people with a colour-vision deficiency, and readers of a grey print, tell apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from loyalty_research.charts.look import COLOURS, INK, MUTED, RULE, SEQUENCE
from loyalty_research.charts.matrix import WHITE_FROM

APART = 15.0
"""CIELAB distance; about 2.3 is just noticeable side by side (Mahy et al. 1994), and bars that
stand apart need several times as much."""
GREY = 10.0
"""Difference of lightness alone, L* from 0 to 100, for grey prints."""
TEXT, LARGE = 4.5, 3.0
"""Contrast that WCAG 2 asks of text, and of large text and graphics."""
# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(colour) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colour, vision: str = "normal") -> np.ndarray:
    seen = np.clip(VISION[vision] @ linear(colour), 0, 1)
    xyz = TO_XYZ @ seen / (TO_XYZ @ np.ones(3))
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def contrast(first, second) -> float:
    light = sorted((float(TO_XYZ[1] @ linear(colour)) for colour in (first, second)), reverse=True)
    return (light[0] + 0.05) / (light[1] + 0.05)


@pytest.mark.parametrize("vision", VISION)
def test_series_are_told_apart(vision) -> None:
    for first, second in combinations(COLOURS, 2):
        distance = np.linalg.norm(lab(first, vision) - lab(second, vision))
        assert distance >= APART, (first, second, distance)


def test_neighbours_differ_in_lightness_too() -> None:
    light = [lab(colour)[0] for colour in COLOURS[:3]]
    assert min(abs(np.diff(light))) >= GREY


@pytest.mark.parametrize("vision", VISION)
def test_the_scale_of_cells_only_darkens(vision) -> None:
    light = [lab(SEQUENCE(step), vision)[0] for step in np.linspace(0, 1, 41)]
    assert (np.diff(light) < 0).all()
    assert light[0] - light[-1] > 50


@pytest.mark.parametrize("colour", [INK, MUTED])
def test_text_is_readable_on_white(colour) -> None:
    assert contrast(colour, "white") >= TEXT


def test_text_is_readable_in_every_cell() -> None:
    # No better than the middle of black and white can be had on a scale from light to dark.
    best_of_worst = np.sqrt(contrast(INK, "white"))
    for step in np.linspace(0, 1, 101):
        ink = "white" if step > WHITE_FROM else INK
        assert contrast(ink, SEQUENCE(step)) >= max(LARGE, 0.95 * best_of_worst), step


def test_rules_stay_in_the_background() -> None:
    assert contrast(RULE, "white") < 2
