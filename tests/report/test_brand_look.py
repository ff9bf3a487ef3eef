"""What a brand file may say about the look: a colour that can be read, a logo that is safe."""

from __future__ import annotations

from pathlib import Path

import pytest

from loyalty_research.brand.colour import check_colour, contrast_with_white, darker
from loyalty_research.brand.logo import LARGEST, check_logo
from loyalty_research.report.imprint import Imprint

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 9
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def test_contrast_has_the_published_values() -> None:
    assert contrast_with_white("#ffffff") == pytest.approx(1.0)
    assert contrast_with_white("#000000") == pytest.approx(21.0)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.005)
    assert contrast_with_white("#777777") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("colour", ["#767676", "#08436e", "#7A1F3D"])
def test_a_colour_that_can_be_read_is_taken(colour: str) -> None:
    assert list(check_colour({"report": {"colour": colour}})) == []


@pytest.mark.parametrize("colour", ["#777777", "#ff9900", "#FFFFFF", "#00c853"])
def test_a_pale_colour_is_refused_with_the_nearest_darker_one(colour: str) -> None:
    (found,) = check_colour({"report": {"colour": colour}})
    near = str(found.fields["near"])
    assert contrast_with_white(near) >= 4.5
    lighter = "#" + "".join(f"{min(255, int(near[i : i + 2], 16) + 4):02x}" for i in (1, 3, 5))
    assert contrast_with_white(lighter) < 4.5
    assert near in str(found)
    assert darker(near) == near


@pytest.mark.parametrize("data", [{}, {"report": None}, {"report": {"colour": 5}}])
def test_what_is_no_colour_is_left_to_the_schema(data: dict[str, object]) -> None:
    assert list(check_colour(data)) == []
    assert list(check_logo(data, Path())) == []


def problems(folder: Path, name: str) -> list[str]:
    return [str(item) for item in check_logo({"report": {"logo": name}}, folder)]


def test_a_logo_stands_in_the_folder_of_the_brand(tmp_path: Path) -> None:
    folder = tmp_path / "brand"
    folder.mkdir()
    (tmp_path / "out.png").write_bytes(PNG)
    (folder / "in.png").write_bytes(PNG)
    (folder / "link.png").symlink_to(tmp_path / "out.png")
    (folder / "text.png").write_text("no picture", encoding="utf-8")
    (folder / "large.png").write_bytes(PNG + b"0" * LARGEST)
    assert problems(folder, "in.png") == []
    for name in ("../out.png", str(tmp_path / "out.png"), "link.png"):
        assert "a file in the brand's folder" in problems(folder, name)[0]
    assert "no such file" in problems(folder, "gone.png")[0]
    assert "a PNG or an SVG" in problems(folder, "text.png")[0]
    assert str(LARGEST) in problems(folder, "large.png")[0]


@pytest.mark.parametrize(
    ("inside", "safe"),
    [
        ('<rect fill="url(#a)"/><use xlink:href="#b"/>', True),
        ('<image href="data:image/png;base64,AA=="/>', True),
        ("<script>1</script>", False),
        ('<rect onload="1"/>', False),
        ('<image href="https://example.org/a.png"/>', False),
        ('<use xlink:href="other.svg#a"/>', False),
        ("<style>@import 'a.css';</style>", False),
        ('<rect style="fill:url(https://example.org)"/>', False),
        ("<foreignObject/>", False),
        ("<g>", False),
    ],
)
def test_an_svg_runs_and_fetches_nothing(tmp_path: Path, inside: str, safe: bool) -> None:
    (tmp_path / "logo.svg").write_text(SVG.format(inside), encoding="utf-8")
    assert (problems(tmp_path, "logo.svg") == []) is safe


def test_the_colours_of_the_project_can_be_read_too() -> None:
    assert contrast_with_white(Imprint().head) >= 4.5
