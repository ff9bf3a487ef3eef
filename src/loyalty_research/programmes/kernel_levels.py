"""The metric and the levels of one customer, in the ledger's loop."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
from loyalty_research.programmes.kernel_books import tally
from loyalty_research.programmes.kernel_codes import (
    ANNIVERSARY,
    FOREVER,
    LEVEL_REACHED,
    LIFETIME,
    MONTHS,
    NEVER,
    NONE,
    ROLLING,
    WHILE,
)
from loyalty_research.programmes.kernel_days import (
    add_months,
    block_end,
    block_number,
    block_start,
    day_of_month,
)
from loyalty_research.programmes.kernel_state import Member, Run


@compiled
def add_metric(run: Run, member: Member, amount: int) -> None:
    """Add to the metric of today; what stands is the sum since joining, a row a day."""
    days = member.metric_days
    before = run.metric[days - 1].total if days else 0
    if days == 0 or run.metric[days - 1].day != member.today:
        run.metric[days].day = member.today
        member.metric_days = days + 1
        days += 1
    run.metric[days - 1].total = before + amount
    member.touched = member.today


@compiled
def place_of(run: Run, member: Member, day: int) -> int:
    """Return the number of days with a metric before a day."""
    low, high = 0, member.metric_days
    while low < high:
        middle = (low + high) // 2
        if run.metric[middle].day < day:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def metric_from(run: Run, member: Member, first: int) -> int:
    """Return the metric from a day up to now."""
    if member.metric_days == 0:
        return 0
    place = place_of(run, member, first)
    before = run.metric[place - 1].total if place else 0
    return run.metric[member.metric_days - 1].total - before


@compiled
def highest(run: Run, metric: int) -> int:
    """Return the highest level whose threshold is reached."""
    for level in range(len(run.levels) - 1, 0, -1):
        threshold = run.levels[level].threshold
        if threshold != NONE and metric >= threshold:
            return level
    return 0


@compiled
def level_end(run: Run, member: Member, level: int) -> int:
    """Return the last day of a level that runs from today."""
    settings = run.settings[0]
    if level <= member.floor or settings.validity in (FOREVER, WHILE):
        return NEVER
    if settings.validity == MONTHS:
        return add_months(run, member.today, settings.validity_months)
    return block_end(run, member.joined, member.today, settings.windows)


@compiled
def give_level(run: Run, member: Member, level: int) -> None:
    """Let a level run from today; it may be the one that is held."""
    if level != member.level:
        settings = run.settings[0]
        place = settings.at_moves + (member.level + 1) * len(run.levels) + level
        tally(run, member, place, 1)
        if level > member.level:
            tally(run, member, settings.at_reminded + LEVEL_REACHED, 1)
        member.level = level
        member.since = member.today
        member.touched = member.today
    member.top = max(member.top, level)
    member.until = level_end(run, member, level)


@compiled
def rise(run: Run, member: Member) -> None:
    """Give levels for life, and with ``upgrade: at_once`` the highest level reached."""
    if len(run.levels) == 1:
        return
    ever = metric_from(run, member, member.joined)
    for level in range(len(run.levels)):
        for_life = run.levels[level].for_life
        if for_life != NONE and ever >= for_life:
            member.floor = max(member.floor, level)
    reached = member.floor
    if not run.settings[0].period_end:
        first = block_start(run, member.joined, member.today)
        reached = max(reached, highest(run, metric_from(run, member, first)))
    if reached > member.level:
        give_level(run, member, reached)
    elif member.level <= member.floor:
        member.until = NEVER


@compiled
def decide(run: Run, member: Member) -> None:
    """Decide at the start of a day on a level that has ended, or lasts while it is met."""
    settings = run.settings[0]
    today = member.today
    if settings.validity == WHILE:
        first = block_start(run, member.joined, today)
        level = max(highest(run, metric_from(run, member, first)), member.floor)
        if level != member.level:
            give_level(run, member, level)
        return
    if member.until == NEVER or member.until + settings.grace >= today:
        return
    if settings.window == ROLLING:
        first = add_months(run, today, -settings.window_months)
    else:
        first = block_start(run, member.joined, member.until)
    metric = metric_from(run, member, first)
    level = member.level
    requalify = run.levels[level].requalify
    if requalify == NONE or metric < requalify:
        level = max(_landing(run, level, metric), member.floor)
    give_level(run, member, level)


@compiled
def _landing(run: Run, held: int, metric: int) -> int:
    """Return the level below to which a member falls."""
    for level in range(held - 1, 0, -1):
        step = run.levels[level]
        if step.landing and (run.settings[0].soft_landing or metric >= step.requalify):
            return level
    return 0


@compiled
def close_block(run: Run, member: Member) -> None:
    """With ``upgrade: period_end`` give the level reached in the block that ended yesterday."""
    settings = run.settings[0]
    today = member.today
    if not settings.period_end or today == member.joined or not _begins_block(run, member):
        return
    if settings.window == ROLLING:
        first = add_months(run, today, -settings.window_months)
    else:
        first = block_start(run, member.joined, today - 1)
    level = highest(run, metric_from(run, member, first))
    if level > member.level:
        give_level(run, member, level)


@compiled
def _begins_block(run: Run, member: Member) -> bool:
    settings = run.settings[0]
    if settings.window in (ROLLING, LIFETIME):
        return day_of_month(run, member.today) == 1
    return block_start(run, member.joined, member.today) == member.today


@compiled
def next_decision(run: Run, member: Member) -> int:
    """Return the next day on which a level may change at its start, months' starts apart."""
    settings = run.settings[0]
    if len(run.levels) == 1:
        return NEVER
    due = NEVER
    if settings.validity == WHILE:
        due = _next_loss(run, member)
    elif member.until != NEVER:
        due = member.until + settings.grace + 1
    by_block = settings.period_end or settings.validity == WHILE
    if by_block and settings.window == ANNIVERSARY:
        number = block_number(run, member.joined, member.today) + 1
        due = min(due, add_months(run, member.joined, number * settings.window_months))
    return due


@compiled
def _next_loss(run: Run, member: Member) -> int:
    """Return the next day on which the metric can be lower than it is now."""
    if member.touched == member.today:
        return member.today + 1
    months = run.settings[0].window_months
    if run.settings[0].window != ROLLING:
        return NEVER
    place = place_of(run, member, add_months(run, member.today, -months) + 1)
    if place == member.metric_days:
        return NEVER
    oldest = run.metric[place].day
    due = add_months(run, oldest, months)
    while due < NEVER and add_months(run, due, -months) < oldest:
        due += 1
    return max(due, member.today + 1)
