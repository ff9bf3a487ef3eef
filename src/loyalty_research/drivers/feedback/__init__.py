"""What customers write: aspects, praise and complaint, what changed, and what became of it."""

from loyalty_research.drivers.feedback.complaints import complaint_shares
from loyalty_research.drivers.feedback.fixes import before_after
from loyalty_research.drivers.feedback.lexicon import ASPECTS
from loyalty_research.drivers.feedback.quotes import typical_quotes
from loyalty_research.drivers.feedback.reader import read
from loyalty_research.drivers.feedback.reading import Reading
from loyalty_research.drivers.feedback.recovery import complainers_stayed
from loyalty_research.drivers.feedback.resolution import resolution_times
from loyalty_research.drivers.feedback.topics import emerging_topics
from loyalty_research.drivers.feedback.trend import complaint_trend
from loyalty_research.drivers.feedback.words import Words

__all__ = [
    "ASPECTS",
    "Reading",
    "Words",
    "before_after",
    "complainers_stayed",
    "complaint_shares",
    "complaint_trend",
    "emerging_topics",
    "read",
    "resolution_times",
    "typical_quotes",
]
