"""Small groups of persons: attacked with everything that is printed.

The attacker knows every number shown, every total, and how tables hang together; the relations
between tables are written down here, not taken from what the views declare.
"""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from results.analyses import shop_results, supermarket_results
from results.small_groups import LIMIT, PEOPLE, QUIET_MONTH, personal_brand, raw_results
from scipy.optimize import linprog

from loyalty_research import profile
from loyalty_research.engine import Context
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.results import Result, ResultStore
from loyalty_research.results.disclosure import protect, protected
from loyalty_research.results.hidden import HIDDEN, MARK, is_hidden
from loyalty_research.results.statements import safe, telling_statements
from loyalty_research.results.suppression import Counts, cells_to_hide, interval
from loyalty_research.stats.calendar import day_kind

SEEDS = [11, 5]


@pytest.fixture(scope="module", params=SEEDS)
def raw(request):
    return raw_results(request.param)


@pytest.fixture(scope="module")
def shown(raw, tmp_path_factory):
    """Every result as it comes back from the store of a run."""
    store = ResultStore(tmp_path_factory.mktemp("store"))
    for result in raw.values():
        store.write(result)
    return {result.name: result for result in store}


def bounds(size: int, known: list[tuple[np.ndarray, float]], wanted: np.ndarray):
    """Return the interval of a sum of ``size`` unknown counts that are not negative."""
    left = np.array([row for row, _ in known]).reshape(len(known), size)
    right = np.array([total for _, total in known])
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(sign * wanted, A_eq=left, b_eq=right, bounds=(0, None), method="highs")
        ends.append(sign * found.fun if found.status == 0 else math.inf)
    return ends


def attack(sizes, printed, groups) -> None:
    """Fail where a group of 1 to 9 persons is told by what is printed.

    Parameters
    ----------
    sizes
        True counts of the finest groups.
    printed
        Sets of places whose sum is printed.
    groups
        Sets of places an attacker asks about.
    """
    sizes = np.asarray(sizes, dtype=float)

    def row(places) -> np.ndarray:
        return np.isin(np.arange(len(sizes)), list(places)).astype(float)

    known = [(row(places), float(sizes[list(places)].sum())) for places in printed if places]
    for places in groups:
        size = sizes[list(places)].sum()
        if 0 < size < LIMIT:
            low, high = bounds(len(sizes), known, row(places))
            assert high - low >= LIMIT - 1e-6, (sorted(places), size, low, high)


def visible(result, frame: str, column: str) -> dict[int, float]:
    """Return the cells of a column that are printed, by row."""
    table = result.frames[frame]
    if column not in table.columns:
        return {}
    return {row: value for row, value in enumerate(table[column]) if not pd.isna(value)}


def named(result, frame: str, name: str, column: str) -> dict[str, float]:
    table = result.frames[frame]
    return {
        str(table[name].iloc[row]): value for row, value in visible(result, frame, column).items()
    }


def test_something_small_was_planted_and_something_is_hidden(raw, shown) -> None:
    assert (raw["rfm"].frames["grid"]["customers"] < LIMIT).any()
    assert raw["store_board"].frames["summary"]["most_buyers"].between(1, LIMIT - 1).any()
    assert raw["people"].frames["summary"]["customers"].min() >= 30
    marked = {
        (name, frame)
        for name, result in shown.items()
        for frame, table in result.frames.items()
        if HIDDEN in table.columns and table[HIDDEN].ne("").any()
    }
    assert {("rfm", "grid"), ("store_board", "summary"), ("people", "summary")} <= marked


def test_no_count_of_one_to_nine_is_printed(shown) -> None:
    counts = {"customers", "buyers", "observed", "own_rhythm", "most_buyers", "cohort_size"}
    for name, result in shown.items():
        for frame, table in result.frames.items():
            for column in counts & set(table.columns):
                small = table[column].between(1, LIMIT - 1)
                assert not small.any(), (name, frame, column)


def test_no_share_of_a_printed_base_is_a_small_count(shown) -> None:
    for name, result in shown.items():
        for view in (*result.charts, *result.tables):
            if view.base_unit != "customers":
                continue
            table = result.frames[view.frame]
            for column in {"share_customers", "penetration"} & set(table.columns):
                count = table[column].astype(float) * view.base
                whole = (count - count.round()).abs() < 1e-6
                assert not (whole & count.round().between(1, LIMIT - 1)).any(), (name, view.name)


def test_a_hidden_count_takes_its_rates_along(shown) -> None:
    keep = {"category", "segment", "stage", "level", "attribute", "month", "age", "band", "bins"}
    keep |= {"months", "group", "weekday", "hour", "from_band", "to_band", "origin", "target"}
    keep |= {"fifth", "chosen_by", "r_score", "f_score", "by_chance", "limit", "measure", HIDDEN}
    keep |= {"by_rule", "by_rhythm", "month_number", "daypart"}
    keep |= {"rule", "name_zh", "name_en", "task", "week", "week_zh", "week_en"}
    for name, result in shown.items():
        for frame, table in result.frames.items():
            for row in table.to_dict("records"):
                if not is_hidden(row, "customers") and not is_hidden(row, "share_customers"):
                    continue
                if row.get("segment") == "other" or row.get("stage") == "other":
                    continue
                told = {key for key, value in row.items() if key not in keep and not pd.isna(value)}
                assert told <= {"own_rhythm"}, (name, frame, row)


def test_classes_cannot_be_told_from_all_tables_of_classes_together(raw, shown) -> None:
    classes = raw["rfm"].summary().set_index("segment")["customers"]
    codes = [str(code) for code in classes.index]
    printed = [set(range(len(codes)))]  # the base
    for result, frame in (
        (shown["rfm"], "summary"),
        (shown["prices"], "summary"),
        (shown["preferences"], "baskets"),
    ):
        told = named(result, frame, "segment", "customers")
        assert all(told[code] == classes[code] for code in told if code in codes)
        printed += [{codes.index(code)} for code in told if code in codes]
    for finding in shown["rfm"].findings:
        if finding.group in codes and finding.status == "stated":
            printed.append({codes.index(finding.group)})
    attack(classes, printed, [{place} for place in range(len(codes))])


def test_cells_of_the_grid_cannot_be_told(raw, shown) -> None:
    grid = raw["rfm"].frames["grid"]
    told = visible(shown["rfm"], "grid", "share_customers")
    everything = set(range(len(grid)))
    attack(grid["customers"], [everything, *({row} for row in told)], [{row} for row in everything])


def test_stages_cannot_be_told_from_three_tables(raw, shown) -> None:
    stages = raw["lifecycle"].summary().set_index("stage")["customers"]
    names = list(stages.index)
    place = {name: number for number, name in enumerate(names)}
    printed = [set(range(len(names))), {place[n] for n in ("dormant", "lost") if n in place}]
    life = shown["lifecycle"]
    printed += [{place[n]} for n in named(life, "summary", "stage", "customers") if n in place]
    beyond = ["cooling", "dormant", "lost"]
    for name in named(life, "chance", "stage", "customers"):
        printed.append({place[n] for n in beyond[beyond.index(name) :] if n in place})
    for name in named(life, "rule", "stage", "own_rhythm"):
        if name == "active":
            printed.append({place[n] for n in names if n not in {"dormant", "lost"}})
        elif name in place:
            printed.append({place[name]})
    groups = [set(g) for k in (1, 2) for g in itertools.combinations(range(len(names)), k)]
    attack(stages, printed, groups[: len(names)])


def test_rules_of_the_action_list_cannot_be_told(raw, shown) -> None:
    """With the base, the list of all but those without a rule, and the lists that are judged."""
    rules = raw["actions"].summary().set_index("name_en")
    names = [str(name) for name in rules.index]
    listed = {place for place, rule in enumerate(rules["rule"]) if rule != "none"}
    printed = [set(range(len(names))), listed]
    for frame in ("summary", "trial"):
        seen = named(shown["actions"], frame, "name_en", "customers")
        printed += [{names.index(name)} for name in seen]
    attack(rules["customers"], printed, [{place} for place in range(len(names))])
    for name, size in named(shown["actions"], "summary", "name_en", "holds").items():
        assert not 0 < size - rules.loc[name, "customers"] < LIMIT, name


def test_stages_of_the_action_list_cannot_be_told(raw, shown) -> None:
    stages = raw["actions"].frames["stages"].set_index("stage")
    told = shown["actions"].frames["stages"]
    for row in told.dropna(subset=["group_customers", "customers"]).to_dict("records"):
        own = stages.loc[row["stage"]]
        assert row["customers"] == own["customers"]
        assert not 0 < own["unlisted"] < LIMIT, row["stage"]
    place = {name: number for number, name in enumerate(stages.index)}
    everything = set(range(len(place)))
    for column in ("group_customers", "customers"):
        seen = named(shown["actions"], "stages", "stage", column)
        attack(stages[column], [everything, *({place[name]} for name in seen)],
               [{number} for number in everything])  # fmt: skip


def test_fixed_days_cannot_be_told(raw, shown) -> None:
    frame = raw["lifecycle"].frames["rule"]
    told = visible(shown["lifecycle"], "rule", "customers")
    attack(frame["customers"], [{0, 1, 2, 3}, *({row} for row in told)], [{r} for r in range(4)])


def test_moves_cannot_be_told_with_known_margins(raw, shown) -> None:
    frame = raw["migration"].summary()
    told = visible(shown["migration"], "summary", "observed")
    printed = [set(range(len(frame))), *({row} for row in told)]
    margins = [
        set(np.flatnonzero(frame[c] == v)) for c in ("origin", "target") for v in frame[c].unique()
    ]
    printed += [item for item in margins if frame["observed"].to_numpy()[list(item)].sum() >= LIMIT]
    attack(frame["observed"], printed, [*({row} for row in range(len(frame))), *margins])
    hidden = set(range(len(frame))) - set(told)
    expected = visible(shown["migration"], "summary", "expected")
    assert not hidden & set(expected)  # they sum to the margin


@pytest.mark.parametrize(
    ("name", "frame"),
    [("rfm", "sensitivity"), ("concentration", "lengths"), ("lifecycle", "chance")],
)
def test_differences_of_nested_rows_cannot_be_told(name, frame, raw, shown) -> None:
    counts = raw[name].frames[frame]["customers"].to_numpy()
    order = np.argsort(counts, kind="stable")
    base = next(v.base for v in raw[name].tables if v.frame == frame)
    steps = np.diff([0, *counts[order], base])
    told = visible(shown[name], frame, "customers")
    printed = [set(range(len(steps)))]
    printed += [set(range(rank + 1)) for rank, row in enumerate(order) if row in told]
    attack(steps, printed, [{place} for place in range(len(steps))])


def test_levels_cannot_be_told_from_the_described(raw, shown) -> None:
    """What no row shows is a group too: 2 persons of a tier, 1 of an age band."""
    before, after = raw["people"].summary(), shown["people"].frames["summary"]
    base = raw["people"].tables[0].base
    for attribute in before["attribute"].unique():
        rows = before[before["attribute"] == attribute]
        rest = base - rows["customers"].sum()
        assert 0 < rest < LIMIT
        sizes = [*rows["customers"], rest]
        told = set(
            after.loc[(after["attribute"] == attribute) & after["customers"].notna(), "level"]
        )
        printed = [set(range(len(sizes)))]
        printed += [{place} for place, level in enumerate(rows["level"]) if level in told]
        attack(sizes, printed, [{place} for place in range(len(sizes))])


def test_hours_cannot_be_told_with_the_weekdays(raw, shown) -> None:
    hours = raw["timing"].frames["hours"]
    told = visible(shown["timing"], "hours", "share")
    printed = [set(range(len(hours))), *({row} for row in told)]
    weekdays = named(shown["timing"], "summary", "weekday", "orders")
    printed += [set(np.flatnonzero(hours["weekday"] == int(float(day)))) for day in weekdays]
    attack(hours["orders"], printed, [{row} for row in range(len(hours))])


@pytest.mark.parametrize(("name", "frame"), [("prices", "bands"), ("stores", "summary")])
def test_bands_cannot_be_told(name, frame, raw, shown) -> None:
    counts = raw[name].frames[frame]["customers"]
    told = visible(shown[name], frame, "share_customers")
    attack(counts, [set(range(10)), *({row} for row in told)], [{row} for row in range(10)])


def test_sales_of_a_small_store_cannot_be_told_from_the_sum(raw, shown) -> None:
    before = raw["store_board"].frames["summary"]
    told = visible(shown["store_board"], "summary", "net_sales")
    small = np.flatnonzero(before["most_buyers"].between(1, LIMIT - 1))
    filled = set(np.flatnonzero(before["stores"] > 0))
    assert len(small)
    assert not set(small) & set(told)
    assert len(filled - set(told)) >= 2


def test_months_cannot_be_told_from_the_steps_and_the_comparison(raw, shown) -> None:
    """Of net sales all sums are known: the period's, each step's, and those of two months."""
    months, steps = raw["board"].frames["months"], shown["board"].frames["decomposition"]
    names = months["month"].tolist()
    buyers = months["buyers"].to_numpy()
    small = set(np.flatnonzero((buyers > 0) & (buyers < LIMIT)))
    assert len(months) == 11 or small == {QUIET_MONTH - 1}  # of one shop nobody came then
    told = set(visible(shown["board"], "months", "net_sales"))
    assert len(told) >= 8
    compared = shown["board"].frames["comparison_mom_month"].set_index("indicator")
    for side, place in (("now", -1), ("then", -2)):
        if not pd.isna(compared.loc["net_sales", side]):
            told.add(len(names) + place)
    grew = True
    while grew:  # a month and its step tell the month beside it
        before = len(told)
        for row in visible(shown["board"], "decomposition", "change"):
            pair = {names.index(steps["month"][row]), names.index(steps["month"][row]) - 1}
            told |= pair if pair & told else set()
        grew = len(told) > before
    everything = set(range(len(months)))
    attack(buyers, [everything, *({place} for place in told)], [{place} for place in small])


def test_who_came_back_from_the_month_before_cannot_be_told(raw, shown) -> None:
    months = raw["board"].frames["months"]
    for row in visible(shown["board"], "months", "repeat_retention"):
        kept, before = months["kept"].iloc[row], months["buyers_before"].iloc[row]
        assert kept == 0 or (kept >= LIMIT and not 0 < before - kept < LIMIT)


def test_two_tables_of_months_hide_the_same_months() -> None:
    brand = personal_brand(SEEDS[0])
    orders = brand.orders.mutate(stored_value_used=brand.orders.net_sales * 0.2)
    context = brand.context
    paid = dataclasses.replace(profile.stored_value(orders, period=brand.period), context=context)
    board, known = protect(raw_results(SEEDS[0])["board"], {})
    months, _ = protect(paid, known)
    hidden = board.frames["months"].loc[board.frames["months"]["net_sales"].isna(), "month"]
    again = months.frames["months"].loc[months.frames["months"]["net_sales"].isna(), "month"]
    assert len(hidden) >= 2
    assert set(hidden) <= set(again)


def test_a_month_of_few_is_hidden_beside_the_year_before() -> None:
    brand = personal_brand(SEEDS[0])
    until = ("2025-01-01", "2025-12-31")
    orders = brand.orders.to_pandas()
    later = orders.assign(
        order_id="L" + orders["order_id"],
        ordered_at=orders["ordered_at"] + pd.Timedelta(days=366),
    )
    both = pd.concat([orders, later], ignore_index=True)[
        ["order_id", "customer_id", "ordered_at", "net_sales"]
    ]
    result = profile.timing(both, period=until, calendar="cn")
    years = protected(dataclasses.replace(result, context=brand.context)).frames["years"]
    quiet = years.loc[years["month"] == "2025-02"]
    assert quiet[["net_sales", "sales_year_before", "yoy"]].isna().all(axis=None)
    assert years["net_sales"].isna().sum() >= 2
    assert years["month"].notna().all()


def test_weeks_and_kinds_of_days_count_their_persons() -> None:
    frames = raw_results(SEEDS[0])["timing"].frames
    orders = personal_brand(SEEDS[0]).orders.to_pandas()
    day, who = pd.to_datetime(orders["day"]), orders["customer_id"]
    assert (frames["weeks"]["persons"] < LIMIT).any()
    for row in frames["weeks"].to_dict("records"):
        first = pd.Timestamp(row["first_day"])
        inside = day.between(first, first + pd.Timedelta(days=6))
        assert (row["persons"], row["orders"]) == (who[inside].nunique(), inside.sum())
    kinds = day.dt.date.map(day_kind)
    for row in frames["kinds"].to_dict("records"):
        assert row["persons"] == who[kinds == row["day_kind"]].nunique()


def test_members_who_did_not_buy_cannot_be_told(raw, shown) -> None:
    tiers = raw["tiers"].summary()
    for row in visible(shown["tiers"], "summary", "buyers"):
        others = tiers["members"].iloc[row] - tiers["buyers"].iloc[row]
        assert others <= 0 or others >= LIMIT


def test_cohorts_tell_neither_who_bought_nor_who_did_not(raw, shown) -> None:
    cohorts = raw["retention"].frames["cohorts"]
    told = visible(shown["retention"], "cohorts", "share")
    assert told
    for row in told:
        size, active = cohorts["cohort_size"].iloc[row], cohorts["customers"].iloc[row]
        assert size >= LIMIT
        assert active == 0 or active >= LIMIT
        assert active == size or size - active >= LIMIT


def test_a_curve_has_no_step_of_few(shown) -> None:
    for name, frame, column in (
        ("concentration", "lorenz", "share_customers"),
        ("retention", "survival", "share_away"),
    ):
        steps = shown[name].frames[frame][column].astype(float).diff().abs().dropna()
        assert (steps * 410 >= LIMIT - 1).all(), name


def test_findings_tell_no_small_group(shown) -> None:
    withheld = 0
    for result in shown.values():
        for finding in result.findings:
            withheld += finding.reason == "disclosure"
            people = [finding.base] if finding.base_unit == "customers" else []
            values = [*finding.values.values(), Value(finding.estimate, finding.unit)]  # noqa: PD011
            for value in values:
                if value.unit == "customers" and float(value.value or 0).is_integer():
                    people.append(int(value.value or 0))
                if value.unit == "share" and value.value and finding.base_unit == "customers":
                    count = value.value * finding.base
                    if abs(count - round(count)) < 1e-6:
                        people.append(round(count))
            for one, other in itertools.combinations([*people, 0], 2):
                assert not 0 < abs(one - other) < LIMIT, (finding.id, one, other)
    assert withheld > 0


def test_a_withheld_finding_keeps_nothing(shown) -> None:
    for result in shown.values():
        for finding in result.findings:
            if finding.reason == "disclosure":
                assert finding.estimate is finding.low is finding.high is finding.at_stake is None
                assert (finding.base, dict(finding.values)) == (0, {})


def test_titles_tell_nothing_that_a_table_hides(raw, shown) -> None:
    for name, result in raw.items():
        for view in (*shown[name].charts, *shown[name].tables):
            before = result.frames[view.frame]
            after = shown[name].frames[view.frame]
            if HIDDEN not in after.columns or len(after) != len(before):
                continue
            hidden = {
                float(before[column].iloc[row])
                for row, columns in enumerate(after[HIDDEN])
                for column in filter(None, columns.split(","))
                if before[column].dtype.kind == "f"
            }
            printed = {v.value for v in view.values.values() if isinstance(v.value, float)}  # noqa: PD011
            assert not {p for p in printed if not p.is_integer()} & hidden, (name, view.name)


def test_no_stored_frame_has_a_row_a_customer(shown) -> None:
    for name, result in shown.items():
        for frame, table in result.frames.items():
            assert "customer_id" not in table.columns
            assert len(table) < PEOPLE / 2, (name, frame)


def test_every_view_of_the_profile_says_how_its_rows_are_persons() -> None:
    """A view of which nobody said it would be left out of the reports of real brands."""
    shops = {name: shop_results(name) for name in ("full", "two_years", "ten_days", "bare")}
    for where, results in {**shops, "personal": raw_results(SEEDS[0])}.items():
        for name, result in results.items():
            views = (*result.charts, *result.tables)
            said = {view.frame for view in views if view.persons is not None}
            for view in views:
                assert view.frame in said, (where, name, view.name)
                for item in view.persons or ():
                    frame = result.frames[view.frame]
                    columns = {item.column, *item.names, *item.by, *item.adds, *item.rates}
                    columns = (columns | {*item.hides}) - {""}
                    assert frame.empty or columns <= set(frame.columns), (name, view.name)


FRAME = pd.DataFrame(
    {"level": ["a", "b", "c", "d"], "customers": [120, 60, 25, 4], "spend": [5.0, 6.5, 7.25, 8.125]}
)


def made(persons, *, context=None, frame=FRAME, **more) -> Result:
    columns = tuple(Column(n, "customers" if n == "customers" else "text") for n in frame.columns)
    base = int(frame["customers"].sum()) if "customers" in frame else 200
    settings = {"base": base, "base_unit": "customers", "period": ("2024-01-01", "2024-12-31")}
    view = TableView("t", "test.t", "summary", columns, persons=persons, **settings)
    return Result(
        "made",
        "profile",
        "made",
        {"summary": frame},
        tables=(view,),
        context=context or Context(),
        **more,
    )


def test_the_next_smallest_is_hidden_with_a_small_one() -> None:
    after = protected(made((Persons(names=("level",)),))).frames["summary"]
    assert after["customers"].tolist()[:2] == [120, 60]
    assert after["customers"].isna().tolist() == [False, False, True, True]
    assert after["spend"].isna().tolist() == [False, False, True, True]


def test_only_the_columns_named_are_hidden() -> None:
    said = Persons(names=("level",), hides=("customers",))
    after = protected(made((said,))).frames["summary"]
    assert after["customers"].isna().tolist() == [False, False, True, True]
    assert after["spend"].notna().all()


def test_groups_of_another_name_are_the_same_persons() -> None:
    """A step from the month before is hidden where that month is."""
    steps = FRAME.assign(before=["d", "a", "b", "c"], others=[4, 120, 60, 25]).drop(columns="spend")
    said = (
        Persons(names=("level",), rows="apart", key="k"),
        Persons("others", names=("before",), key="k", known_as=("level",), hides=("others",)),
    )
    after = protected(made(said, frame=steps)).frames["summary"]
    assert after["customers"].isna().tolist() == [False, False, True, True]
    assert after["others"].isna().tolist() == [True, False, False, True]


def test_a_statement_of_a_number_hidden_elsewhere_is_hidden() -> None:
    rows = [
        {"value": 0.375, "unit": "share", "base": 217, "base_unit": "customers"},
        {
            "value": 0.5,
            "unit": "share",
            "base": 217,
            "base_unit": "customers",
            "change": 0.0625,
            "change_unit": "change",
        },
        {"value": 0.25, "unit": "share", "base": 217, "base_unit": "customers"},
    ]
    assert list(telling_statements(rows, {0.375, 0.0625}, LIMIT)) == [0, 1]


def test_a_finding_loses_what_it_is_compared_with_before_it_is_withheld() -> None:
    def finding(**values: Value) -> Finding:
        return Finding(
            "f", "f", "profile", "s", "s", 0.5, "share", 217, "customers", "d",
            ("2024-01-01", "2024-12-31"), "count", values=values,
        )  # fmt: skip

    kept = safe(finding(yoy_then=Value(8.125, "money")), {8.125}, LIMIT)
    assert (kept.status, dict(kept.values)) == ("stated", {})
    assert safe(finding(sales=Value(8.125, "money")), {8.125}, LIMIT).reason == "disclosure"


def test_what_adds_up_is_merged() -> None:
    frame = FRAME.assign(net_sales=[10.0, 20.0, 30.0, 40.0])
    result = made((Persons(names=("level",), adds=("customers", "net_sales")),), frame=frame)
    after = protected(result).frames["summary"]
    assert after["level"].tolist() == ["a", "b", "other"]
    assert after["customers"].tolist() == [120, 60, 29]
    assert after["net_sales"].tolist() == [10.0, 20.0, 70.0]
    assert after["spend"].isna().tolist() == [False, False, True]
    assert protected(result).tables[0].notes[0] == "merged"


def test_an_undeclared_view_is_left_out() -> None:
    assert protected(made(None)).tables == ()
    assert "summary" not in protected(made(None)).frames
    assert len(protected(made(())).tables) == 1


def test_a_declared_column_that_is_not_there_leaves_the_view_out() -> None:
    assert protected(made((Persons("buyers"),))).tables == ()


@pytest.mark.parametrize("context", [Context(public=True), Context(evidence="synthetic")])
def test_public_and_simulated_data_are_shown_as_they_are(context) -> None:
    result = made((Persons(names=("level",)),), context=context)
    assert protected(result) is result


def test_the_supermarket_loses_only_rates_on_few() -> None:
    for before in supermarket_results().values():
        after = protected(before)
        assert after.findings == before.findings
        assert [v.name for v in after.tables] == [v.name for v in before.tables]
        assert [v.name for v in after.charts] == [v.name for v in before.charts]
        for frame, table in before.frames.items():
            left = after.frames[frame]
            if HIDDEN in left.columns:
                counts = next(c for c in ("customers", "buyers", "most_buyers") if c in table)
                few = table[counts] < before.context.base_limit
                assert few[left[HIDDEN].ne("")].all(), (before.name, frame)
            else:
                pd.testing.assert_frame_equal(left, table)


def test_a_rate_needs_the_base_limit_for_every_brand() -> None:
    said = (Persons(names=("level",), rates=("spend",)),)
    result = protected(made(said, context=Context(public=True)))
    assert result.frames["summary"]["customers"].tolist() == [120, 60, 25, 4]
    assert result.frames["summary"]["spend"].isna().tolist() == [False, False, True, True]
    assert result.tables[0].notes == ("base",)


def test_hidden_cells_print_a_mark_and_say_why() -> None:
    result = made((Persons(names=("level",)),))
    from loyalty_research.language import translator
    from loyalty_research.results.html import table_html

    shown = protected(result)
    for language, text in (("en", "fewer than 10 persons"), ("zh", "不足 10 人")):
        words = translator(language, Context())
        messages = words._messages | {"table.test.t.title": "t"}
        words._messages = messages
        html = table_html(shown.tables[0], shown.frames["summary"], words)
        assert html.count(f">{MARK}</td>") == 4
        assert text in html


def test_what_one_result_hides_the_next_ones_hide_too(tmp_path) -> None:
    first = made((Persons(names=("level",), key="k"),))
    other = FRAME.assign(customers=[120, 60, 25, 24])
    store = ResultStore(tmp_path)
    store.write(first)
    store.write(made((Persons(names=("level",), key="k"),), frame=other))
    assert list(store)[1].frames["summary"]["customers"].isna().tolist() == [
        False,
        False,
        True,
        True,
    ]


def test_a_list_of_persons_is_never_stored() -> None:
    frame = FRAME.assign(customer_id=[1, 2, 3, 4])
    assert protected(made((Persons(names=("level",)),), frame=frame)).frames == {}


def test_a_finding_of_few_is_withheld() -> None:
    def finding(base: int, **values: Value) -> Finding:
        return Finding(
            "f", "f", "profile", "s", "s", 0.5, "share", base, "customers", "d",
            ("2024-01-01", "2024-12-31"), "count", values=values,
        )  # fmt: skip

    findings = (
        finding(200, people=Value(100, "customers")),
        finding(200, people=Value(195, "customers")),
        finding(200, share=Value(0.98, "share")),
        finding(8),
        finding(200, sales=Value(8.125, "money")),
    )
    after = protected(made((Persons(names=("level",)),), findings=findings)).findings
    assert [item.reason for item in after] == ["", *["disclosure"] * 4]


def test_a_title_that_tells_a_hidden_value_is_replaced() -> None:
    result = made((Persons(names=("level",)),))
    settings = {"base": 209, "base_unit": "customers", "period": ("2024-01-01", "2024-12-31")}
    chart = Chart(
        "c", "test.c", "bars", "summary", {"x": "level", "y": "spend"},
        values={"best": Value(8.125, "money")}, **settings,
    )  # fmt: skip
    after = protected(dataclasses.replace(result, charts=(chart,)))
    assert (after.charts[0].key, dict(after.charts[0].values)) == ("disclosure", {})


@pytest.mark.parametrize("seed", range(12))
def test_hiding_protects_random_tables_with_both_margins(seed) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 60, 16) * (rng.random(16) < 0.8)
    cells = [frozenset({place}) for place in range(16)]
    rows = [frozenset(range(4 * r, 4 * r + 4)) for r in range(4)]
    columns = [frozenset(range(c, 16, 4)) for c in range(4)]
    counts = Counts([int(s) for s in sizes], cells, [*rows, *columns, frozenset(range(16))])
    hidden = cells_to_hide(counts, limit=LIMIT)
    small = [place for place in range(16) if 0 < sizes[place] < LIMIT]
    assert set(small) <= hidden
    printed = [cells[place] for place in range(16) if place not in hidden]
    printed += [item for item in counts.known if not 0 < counts.size(item) < LIMIT]
    if hidden != {place for place in range(16) if sizes[place]}:  # all hidden: nothing more to do
        attack(sizes, printed, [cells[place] for place in small])


def test_interval_of_a_published_example() -> None:
    """Two hidden cells of a row of 20 with 12 shown: each lies between 0 and 8."""
    counts = Counts([3, 5, 12], [frozenset({n}) for n in range(3)], [frozenset({0, 1, 2})])
    assert interval(counts, {0, 1}, frozenset({0}), limit=LIMIT) == (0, 8)


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    counts = Counts([10, 20, 0], [frozenset({n}) for n in range(3)], [frozenset({0, 1, 2})])
    assert cells_to_hide(counts, limit=LIMIT) == frozenset()


def test_the_brand_is_personal() -> None:
    context = personal_brand(SEEDS[0]).context
    assert not context.public
    assert context.disclosure_limit == LIMIT
