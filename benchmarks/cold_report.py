"""The functions and figures of the profile in one plain process; prints seconds as JSON."""

from __future__ import annotations

import json
import time

START = time.perf_counter()

import loyalty_research as lr  # noqa: E402 - importing is part of what is timed
from loyalty_research import profile  # noqa: E402
from loyalty_research.charts import draw, svg_bytes  # noqa: E402
from loyalty_research.language import translator  # noqa: E402


def main(brand: str = "supermarket") -> None:
    """Open the brand, call every section, draw every figure in both languages and widths."""
    b = lr.open_brand(brand)
    r = profile.rfm(b.orders, as_of=b.period.end, start=b.period.start)
    results = [
        r,
        profile.overview(b),
        profile.board(b.orders, period=b.period),
        profile.concentration(b.orders, period=b.period),
        profile.retention(b.orders, period=b.period),
        profile.lifecycle(b.orders, period=b.period),
        profile.migration(b.orders, period=b.period),
        profile.timing(b.orders, period=b.period),
        profile.store_loyalty(b.orders, period=b.period),
        profile.stores(b.orders, period=b.period),
        profile.prices(b.orders, period=b.period, segments=r.table),
        profile.preferences(b, period=b.period, segments=r.table),
        profile.people(b, period=b.period),
    ]
    figures = 0
    for language in ("zh", "en"):
        for result in results:
            words = translator(language, result.context)
            for chart in result.charts:
                for narrow in (False, True):
                    frame = result.frames[chart.frame]
                    svg_bytes(draw(chart, frame, words, narrow=narrow))
                    figures += 1
    print(json.dumps({"seconds": time.perf_counter() - START, "figures": figures}))


if __name__ == "__main__":
    main()
