"""What drives loyalty: the survey, how well it measures, how its constructs go together."""

from loyalty_research.drivers import (
    feedback,
    importance,
    index,
    maxdiff,
    measurement,
    paths,
    retention,
    scores,
    survey,
)

__all__ = [
    "feedback",
    "importance",
    "index",
    "maxdiff",
    "measurement",
    "paths",
    "retention",
    "scores",
    "survey",
]
