"""What drives loyalty: the survey, how well it measures, how its constructs go together."""

from loyalty_research.drivers import (
    importance,
    index,
    measurement,
    paths,
    retention,
    scores,
    survey,
)

__all__ = ["importance", "index", "measurement", "paths", "retention", "scores", "survey"]
