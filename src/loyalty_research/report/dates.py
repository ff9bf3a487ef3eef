"""The day a report is dated."""

from __future__ import annotations

import datetime as dt
import os


def epoch_day() -> str:
    """Return the day that ``SOURCE_DATE_EPOCH`` names, ISO; empty where it is not set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch.isdigit():
        return ""
    return dt.datetime.fromtimestamp(int(epoch), tz=dt.UTC).date().isoformat()


def today() -> str:
    """Return the day of an execution, ISO."""
    return epoch_day() or dt.date.today().isoformat()
