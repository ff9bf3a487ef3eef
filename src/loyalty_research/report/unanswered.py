"""What a chapter could not answer: one sentence for a reason, with all questions it holds for."""

from __future__ import annotations

from collections.abc import Iterable

from loyalty_research.findings import Finding
from loyalty_research.language import Translator, translator
from loyalty_research.results import StoredResult


def unanswered(
    results: Iterable[StoredResult], words: Translator
) -> list[tuple[tuple[str, ...], str]]:
    """Return the identifiers of withheld findings with one reason, and the sentence on them.

    Parameters
    ----------
    results
        Results of which no finding is stated.
    words
        Gives the language; each result brings the context of its brand.

    Returns
    -------
    list of tuple
        In the order of the first finding of each reason. A finding whose sentence an editor wrote
        stands by itself.
    """
    together: dict[tuple[str, str], list[tuple[Finding, str]]] = {}
    for result in results:
        own = translator(words.language, result.context)
        for finding in result.findings:
            if words.language in finding.wording:
                together[finding.id, "edited"] = [(finding, own.finding(finding))]
                continue
            subject = own.text(f"subject.{finding.template}")
            together.setdefault(("", own.reason(finding)), []).append((finding, subject))
    comma = words.text("report.comma")
    return [
        (
            tuple(finding.id for finding, _ in found),
            found[0][1]
            if kind
            else words.text(
                "withheld", subject=comma.join(dict.fromkeys(text for _, text in found)), reason=why
            ),
        )
        for (kind, why), found in together.items()
    ]
