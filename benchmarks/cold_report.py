"""The code cells and figures of the profile in one plain process; prints seconds as JSON."""

from __future__ import annotations

import json
import time
from pathlib import Path

START = time.perf_counter()

import loyalty_research as lr  # noqa: E402 - importing is part of what is timed
from loyalty_research.charts import draw, svg_bytes  # noqa: E402
from loyalty_research.language import translator  # noqa: E402
from loyalty_research.results import Result  # noqa: E402

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "1_customer_profile.ipynb"


def shown_results() -> list[Result]:
    """Run the notebook's code cells as they stand and return what they show."""
    results: list[Result] = []
    lr.show = results.append
    names: dict[str, object] = {}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    return results


def main() -> None:
    """Run the sample's sections, draw every figure in both languages and widths."""
    figures = 0
    results = shown_results()
    for language in ("zh", "en"):
        for result in results:
            words = translator(language, result.context)
            for chart in result.charts:
                for narrow in (False, True):
                    frame = result.frames[chart.frame]
                    svg_bytes(draw(chart, frame, words, narrow=narrow))
                    figures += 1
    seconds = time.perf_counter() - START
    print(json.dumps({"seconds": seconds, "figures": figures, "results": len(results)}))


if __name__ == "__main__":
    main()
