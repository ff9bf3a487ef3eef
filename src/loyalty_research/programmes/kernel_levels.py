"""The metric and the levels of one customer, in the ledger's loop."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
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
    month_of,
    period_month,
)
from loyalty_research.programmes.kernel_state import MEMBER, Book, Plan, Work


@compiled
def add_metric(work: Work, member: MEMBER, amount: int) -> None:
    """Add to the metric of today; what stands is the sum since joining, a row a day."""
    days = member.metric_days
    before = work.metric_sum[days - 1] if days else 0
    if days == 0 or work.metric_day[days - 1] != member.today:
        work.metric_day[days] = member.today
        member.metric_days = days + 1
        days += 1
    work.metric_sum[days - 1] = before + amount
    member.touched = member.today


@compiled
def place_of(work: Work, member: MEMBER, day: int) -> int:
    """Return the number of days with a metric before a day."""
    low, high = 0, member.metric_days
    while low < high:
        middle = (low + high) // 2
        if work.metric_day[middle] < day:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def metric_from(work: Work, member: MEMBER, first: int) -> int:
    """Return the metric from a day up to now."""
    if member.metric_days == 0:
        return 0
    place = place_of(work, member, first)
    before = work.metric_sum[place - 1] if place else 0
    return work.metric_sum[member.metric_days - 1] - before


@compiled
def highest(plan: Plan, metric: int) -> int:
    """Return the highest level whose threshold is reached."""
    for level in range(len(plan.levels) - 1, 0, -1):
        threshold = plan.levels[level].threshold
        if threshold != NONE and metric >= threshold:
            return level
    return 0


@compiled
def level_end(plan: Plan, member: MEMBER, level: int) -> int:
    """Return the last day of a level that runs from today."""
    settings = plan.settings[0]
    if level <= member.floor or settings.validity == FOREVER or settings.validity == WHILE:
        return NEVER
    if settings.validity == MONTHS:
        return add_months(plan, member.today, settings.validity_months)
    return block_end(plan, member.joined, member.today, settings.windows)


@compiled
def give_level(plan: Plan, book: Book, member: MEMBER, level: int) -> None:
    """Let a level run from today; it may be the one that is held."""
    if level != member.level:
        month = period_month(plan, member.today)
        book.moves[month, member.level + 1, level] += 1
        if level > member.level:
            book.reminded[month, LEVEL_REACHED] += 1
        member.level = level
        member.since = member.today
        member.touched = member.today
    member.top = max(member.top, level)
    member.until = level_end(plan, member, level)


@compiled
def rise(plan: Plan, work: Work, book: Book, member: MEMBER) -> None:
    """Give levels for life, and with ``upgrade: at_once`` the highest level reached."""
    if len(plan.levels) == 1:
        return
    ever = metric_from(work, member, member.joined)
    for level in range(len(plan.levels)):
        for_life = plan.levels[level].for_life
        if for_life != NONE and ever >= for_life:
            member.floor = max(member.floor, level)
    reached = member.floor
    if not plan.settings[0].period_end:
        first = block_start(plan, member.joined, member.today)
        reached = max(reached, highest(plan, metric_from(work, member, first)))
    if reached > member.level:
        give_level(plan, book, member, reached)
    elif member.level <= member.floor:
        member.until = NEVER


@compiled
def decide(plan: Plan, work: Work, book: Book, member: MEMBER) -> None:
    """Decide at the start of a day on a level that has ended, or lasts while it is met."""
    settings = plan.settings[0]
    today = member.today
    if settings.validity == WHILE:
        first = block_start(plan, member.joined, today)
        level = max(highest(plan, metric_from(work, member, first)), member.floor)
        if level != member.level:
            give_level(plan, book, member, level)
        return
    if member.until == NEVER or member.until + settings.grace >= today:
        return
    if settings.window == ROLLING:
        first = add_months(plan, today, -settings.window_months)
    else:
        first = block_start(plan, member.joined, member.until)
    metric = metric_from(work, member, first)
    level = member.level
    requalify = plan.levels[level].requalify
    if requalify == NONE or metric < requalify:
        level = max(_landing(plan, level, metric), member.floor)
    give_level(plan, book, member, level)


@compiled
def _landing(plan: Plan, held: int, metric: int) -> int:
    """Return the level below to which a member falls."""
    for level in range(held - 1, 0, -1):
        step = plan.levels[level]
        if step.landing and (plan.settings[0].soft_landing or metric >= step.requalify):
            return level
    return 0


@compiled
def close_block(plan: Plan, work: Work, book: Book, member: MEMBER) -> None:
    """With ``upgrade: period_end`` give the level reached in the block that ended yesterday."""
    settings = plan.settings[0]
    today = member.today
    if not settings.period_end or today == member.joined or not _begins_block(plan, member):
        return
    if settings.window == ROLLING:
        first = add_months(plan, today, -settings.window_months)
    else:
        first = block_start(plan, member.joined, today - 1)
    level = highest(plan, metric_from(work, member, first))
    if level > member.level:
        give_level(plan, book, member, level)


@compiled
def _begins_block(plan: Plan, member: MEMBER) -> bool:
    settings = plan.settings[0]
    if settings.window == ROLLING or settings.window == LIFETIME:
        return plan.day_of_month[member.today - settings.first_day] == 1
    return block_start(plan, member.joined, member.today) == member.today


@compiled
def next_decision(plan: Plan, work: Work, member: MEMBER) -> int:
    """Return the next day on which a level may change at its start, months' starts apart."""
    settings = plan.settings[0]
    if len(plan.levels) == 1:
        return NEVER
    due = NEVER
    if settings.validity == WHILE:
        due = _next_loss(plan, work, member)
    elif member.until != NEVER:
        due = member.until + settings.grace + 1
    by_block = settings.period_end or settings.validity == WHILE
    if by_block and settings.window == ANNIVERSARY:
        number = block_number(plan, member.joined, member.today) + 1
        due = min(due, add_months(plan, member.joined, number * settings.window_months))
    return due


@compiled
def _next_loss(plan: Plan, work: Work, member: MEMBER) -> int:
    """Return the next day on which the metric can be lower than it is now."""
    if member.touched == member.today:
        return member.today + 1
    months = plan.settings[0].window_months
    if plan.settings[0].window != ROLLING:
        return NEVER
    place = place_of(work, member, add_months(plan, member.today, -months) + 1)
    if place == member.metric_days:
        return NEVER
    oldest = work.metric_day[place]
    due = add_months(plan, oldest, months)
    while due < NEVER and add_months(plan, due, -months) < oldest:
        due += 1
    return max(due, member.today + 1)


@compiled
def is_month_start(plan: Plan, day: int, months: int) -> bool:
    """Tell whether a day begins a month, quarter or year of the calendar."""
    first = plan.day_of_month[day - plan.settings[0].first_day] == 1
    return first and month_of(plan, day) % months == 0
