"""Whole numbers that stand for words in the ledger's loop."""

from __future__ import annotations

NEVER = 10**9
"""A day that does not come."""
NONE = -1
"""No value: a threshold that is not set, a cap there is none of."""
E4 = 10**4
"""Ten-thousandths: money, metrics, caps and shares are held in them."""
MICROSECONDS = 86_400_000_000
"""Of a day."""
LIMIT = 10**15
"""Largest number of points or ten-thousandths that one entry may bring."""
PARTS = 40
"""Random parts of the customers for which the run-off is kept apart."""

# Ranks of entries of one second
JOINING, EVENT, ORDER = 0, 1, 2

# When a rule earns, and how it rounds
ON = ("order", "event", "join", "birthday")
ON_ORDER, ON_EVENT, ON_JOIN, ON_BIRTHDAY = range(4)
ROUNDING = ("down", "nearest", "up")
DOWN, NEAREST, UP = range(3)

SPELLS = ("day", "week", "month", "quarter", "year", "ever", "order", "once")
DAY, WEEK, MONTH, QUARTER, YEAR, EVER, PER_ORDER, ONCE = range(8)

EXPIRY = ("never", "fixed", "end_of_month", "end_of_quarter", "end_of_year", "inactivity")
LASTING, FIXED, END_OF_MONTH, END_OF_QUARTER, END_OF_YEAR, INACTIVITY = range(6)

RETURNS = ("within_balance", "negative_balance", "pending_only", "kept")
WITHIN_BALANCE, NEGATIVE_BALANCE, PENDING_ONLY, KEPT = range(4)

METRICS = ("spend", "orders", "visits", "wallet")
SPEND, ORDERS, VISITS, WALLET = range(4)
WINDOWS = ("calendar", "anniversary", "rolling", "lifetime")
CALENDAR, ANNIVERSARY, ROLLING, LIFETIME = range(4)
VALIDITY = ("window", "months", "forever", "while")
WINDOW, MONTHS, FOREVER, WHILE = range(4)

POLICIES = ("none", "at_once", "target", "observed")
NOBODY, AT_ONCE, TARGET, OBSERVED = range(4)
THING, CASH, PERCENT = range(3)

KINDS = ("earn", "return", "redeem", "expire", "convert_out", "convert_in")
EARN, RETURN, REDEEM, EXPIRE, CONVERT_OUT, CONVERT_IN = range(6)

REMINDERS = ("points_posted", "points_expiring", "level_reached", "level_ending")
POINTS_POSTED, POINTS_EXPIRING, LEVEL_REACHED, LEVEL_ENDING = range(4)

# What is counted beside the books
POSTED, BEFORE_JOINING, NEVER_JOINED, SHORT, ERROR, ERROR_VALUE = range(6)
COUNTS = 6
TOO_MANY_POINTS, TOO_MUCH_MONEY, SUM_TOO_LARGE = 1, 2, 3
