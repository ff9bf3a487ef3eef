"""Generated programmes and histories through the ledger and through a slow, obvious one."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from proofs import Proof
from proofs.common import table

TESTS = Path(__file__).resolve().parents[2] / "tests"
if str(TESTS) not in sys.path:
    sys.path.append(str(TESTS))  # the reference and the generator are those of the tests

from programmes.generate import Case, features, seeded  # noqa: E402
from programmes.ledgers import FRAMES, differences, fast, slow  # noqa: E402
from programmes.mistakes import MISTAKES, TELLING, planted  # noqa: E402

TITLE = "Does the ledger post what its rules say, over the whole rule language?"
CASES, SMALL = 2_400, 30
PARTS = ("rows", "events")
RULES = ("earn", "rewards", "conversions")


def run(*, small: bool) -> Proof:
    """Compare every posting and every frame; shrink and print the first case that differs."""
    cases = SMALL if small else CASES
    said, posted, seen = Counter[str](), Counter[str](), Counter[str]()
    apart, first = 0, ""
    for seed in range(cases):
        case = seeded(seed)
        mine, theirs = (_replayed(ledger, case) for ledger in (slow, fast))
        wrong = _apart(mine, theirs)
        if wrong and not apart:
            first = _counterexample(case, seed)
        apart += bool(wrong)
        own = features(case.programme)
        said.update(own)
        if not isinstance(mine, Exception) and mine.postings:
            posted.update(own)
            seen["cases with postings"] += 1
        if not isinstance(mine, Exception):
            seen.update(f"postings: {row['kind']}" for row in mine.postings)
            seen.update({f"rows of {name}": len(getattr(mine, name)) for name in FRAMES[1:]})
    caught = [(seed, name) for seed, names in TELLING.items() for name in names]
    caught = [(seed, name) for seed, name in caught if _sees(seeded(seed), name)]
    text = _text(cases, apart, first, said, posted, seen)
    return Proof(f"{text}\n\n{_planted(caught)}", apart == 0 and len(caught) == len(MISTAKES))


def _sees(case: Case, mistake: str) -> bool:
    """Tell whether a case changes when the reference makes a mistake."""
    right = _replayed(slow, case)
    with planted(mistake):
        return bool(_apart(right, _replayed(slow, case)))


def _planted(caught: list[tuple[int, str]]) -> str:
    told = (
        f"Would such cases see a mistake? {len(MISTAKES)} were planted in the reference, one at a "
        f"time (`tests/programmes/mistakes.py`); {len(caught)} of them change a posting, a level "
        "or a month of the case named."
    )
    rows = [[name, seed] for seed, name in sorted(caught, key=lambda pair: pair[1])]
    return told + "\n\n" + table(["mistake planted", "seen by seed"], rows)


def _replayed(ledger: Any, case: Case) -> Any:
    """Return the replay, or the error it ended with."""
    try:
        return ledger(case.rows, case.programme, **case.options)
    except Exception as error:  # noqa: BLE001 - an error of either is a difference to be shown
        return error


def _apart(mine: Any, theirs: Any) -> list[str]:
    errors = [repr(found) for found in (mine, theirs) if isinstance(found, Exception)]
    return errors or differences(mine, theirs)


def _counterexample(case: Case, seed: int) -> str:
    """Leave out entries and rules as long as both still differ."""
    found = True
    while found:
        found = False
        for smaller in _smaller(case):
            if _apart(*(_replayed(ledger, smaller) for ledger in (slow, fast))):
                case, found = smaller, True
                break
    wrong = _apart(*(_replayed(ledger, case) for ledger in (slow, fast)))
    rules = case.programme.model_dump_json(exclude_defaults=True)
    lines = [f"seed {seed}", rules, *map(str, case.rows), *map(str, case.events)]
    options = {key: value for key, value in case.options.items() if key != "events"}
    return "\n".join([*lines, str(options), "reference | ledger", *wrong[:10]])


def _smaller(case: Case) -> Iterator[Case]:
    """Return the case with one thing left out at a time."""
    for part in PARTS:
        kept = getattr(case, part)
        for place in range(len(kept)):
            yield replace(case, **{part: kept[:place] + kept[place + 1 :]})
    for part in RULES:
        kept = getattr(case.programme, part)
        for place in range(len(kept)):
            left = case.programme.model_copy(update={part: kept[:place] + kept[place + 1 :]})
            yield replace(case, programme=left)


def _text(
    cases: int, apart: int, first: str, said: Counter[str], posted: Counter[str], seen: Counter[str]
) -> str:
    kinds = {name: count for name, count in seen.items() if name.startswith("postings: ")}
    rows = {name: count for name, count in seen.items() if name.startswith("rows of ")}
    parts = [
        f"{cases:,} programmes with a history each, seeds 0 to {cases - 1:,}: one to three "
        "wallets, up to five rules of earning, levels and rewards of every kind; "
        "up to ten customers whose purchases, returns and events crowd at month ends, leap days "
        "and in the same second. Each is replayed by `programmes.replay` and by "
        "`tests/programmes/reference.py`, which goes day by day and entry by entry in Python with "
        "fractions and lists of lots, was written from docs/ledger.md alone, and shares no code "
        "with the ledger. Every posting (customer, time, wallet, kind, rule, points, balance) and "
        "every row of the other frames must be equal; money to nine digits.",
        f"Cases that differ: {apart}. Cases with postings: {seen['cases with postings']:,}.",
        table(
            ["compared", "number"],
            [
                [name.removeprefix("postings: "), f"{count:,}"]
                for name, count in sorted(kinds.items())
            ]
            + [[name, f"{count:,}"] for name, count in sorted(rows.items())],
        ),
        "How many of the programmes say what, and how many of those posted anything:",
        table(
            ["of the rule language", "programmes", "with postings"],
            [[name, count, posted[name]] for name, count in sorted(said.items())],
        ),
    ]
    if first:
        parts.append(f"The first case that differs, made smaller:\n\n```\n{first}\n```")
    return "\n\n".join(parts)
