"""Whether constructs hang together in one group of respondents as in another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.paths.group_views import group_findings, group_tables
from loyalty_research.drivers.pls.groups import GroupDifference
from loyalty_research.drivers.pls.groups import compare_paths as permuted
from loyalty_research.drivers.scores_rows import groups_of
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import CHAPTER, LEAST_PER_ITEM, Opened, open_survey
from loyalty_research.findings import Value
from loyalty_research.results import Result
from loyalty_research.stats import holm
from loyalty_research.stats.seeds import seed_from

_SECTION = "groups"
_REFERENCES = ("chin2010", "henseler2016micom", "holm1979")
OTHERS = "others"
NEAR = 0.98
"""Correlation of scores from which on groups measure nearly the same, whatever chance would give:
with many respondents MICOM rejects scores that are as good as one."""


def compare_groups(
    survey: Any,
    model: SurveyModel | str | None = None,
    *,
    period: Any = None,
    permutations: int = 1999,
    seed: int | None = None,
) -> Result:
    """Compare the paths of groups of respondents, where the groups measure the same.

    Parameters
    ----------
    survey
        A brand, or one row a respondent with the model's columns and those of its ``groups``;
        these may stand in a brand's customers where the survey is linked to them.
    model
        A survey model or its name; None for the one the brand file names.
    period
        A brand's period or (first day, last day); printed only.
    permutations, seed
        Respondents dealt to the groups at random; None for a seed that derives from the items.

    Returns
    -------
    Result
        Frames ``summary`` (a group and an arrow: path, path of the others, difference, p_value,
        measured, told) and ``measurement`` (a group and a construct: correlation of its scores by
        the weights of either side, the 5 % quantile of it under permutation, measured: ``same``,
        ``near`` or ``unlike``). Without groups that are large enough the one finding says why.

    Raises
    ------
    MissingTableError
        For columns the survey lacks.
    SurveyModelError
        For a model that is not as it must be.

    Notes
    -----
    Levels are those the model lists, or all. Of two levels the first is set against the second,
    of more each against all others. Scores of a
    construct are the same where their correlation reaches the quantile (step 2 of MICOM; step 1
    holds since all are asked the same), near where it is lower but at least .98; arrows from or to
    any other construct are not compared. Holm over all that are. Survey weights are left aside.

    References
    ----------
    Chin & Dibbern 2010; Henseler, Ringle & Sarstedt 2016; Holm 1979.
    """
    opened = open_survey(survey, model, section=_SECTION, period=period)
    if opened.reason:
        return Result(**opened.empty("compare_groups", _SECTION, "groups_differ", "path"))
    told, answers = opened.model, opened.answers
    assert told is not None
    assert answers is not None
    complete = answers.complete
    sides = []
    for attribute, level in groups_of(survey, answers, list(told.groups)):
        wanted = told.groups[attribute]
        kept = complete & (level.isin(wanted) if wanted else level.notna()).to_numpy()
        sides += [(attribute, *side) for side in _sides(level.astype(str).to_numpy(), kept)]
    needed = max(LEAST_PER_ITEM * len(told.items), opened.context.base_limit)
    large = [side for side in sides if min(side[4].sum(), (side[3] & ~side[4]).sum()) >= needed]
    if not large:
        return _without(opened, told, bool(sides), needed)
    seeds = seed_from("groups", *told.items) if seed is None else seed
    found = [
        permuted(answers.matrix[kept], own[kept], told.design,
                 rng=np.random.default_rng([seeds, number]), permutations=permutations)
        for number, (_, _, _, kept, own) in enumerate(large)
    ]  # fmt: skip
    frames = _frames(told, large, found)
    base = int(np.any([kept for _, _, _, kept, _ in large], axis=0).sum())
    return Result(
        name="compare_groups",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=group_findings(opened.state, frames, base, permutations),
        tables=group_tables(frames, base, opened.days, permutations),
        references=_REFERENCES,
        context=opened.context,
    )


_VERDICTS = ("same", "near", "unlike")
_Side = tuple[str, str, str, np.ndarray, np.ndarray]


def _sides(level: np.ndarray, kept: np.ndarray) -> list[tuple[str, str, np.ndarray, np.ndarray]]:
    """Return level, what it is set against, who is in either, and who is in the level."""
    names = sorted(set(level[kept]))
    if len(names) == 2:
        return [(names[0], names[1], kept, kept & (level == names[0]))]
    return [(name, OTHERS, kept, kept & (level == name)) for name in names if len(names) > 2]


def _without(opened: Opened, model: SurveyModel, any_: bool, needed: int) -> Result:
    reason = "groups_small" if any_ else "groups_missing" if model.groups else "no_groups"
    gone = opened.state.withheld(
        "groups_differ",
        reason,
        definition="path",
        values={
            "needed": Value(needed, "respondents"),
            "groups": Value(", ".join(model.groups), "text"),
        },
    )
    return Result(
        name="compare_groups",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame()},
        findings=(gone,),
        context=opened.context,
    )


def _frames(
    model: SurveyModel, sides: list[_Side], found: list[GroupDifference]
) -> dict[str, pd.DataFrame]:
    paths, scores = [], []
    names = model.design.constructs
    for (attribute, level, other, kept, own), part in zip(sides, found, strict=True):
        who = {"attribute": attribute, "level": level, "other": other,
               "respondents": int(own.sum()), "others": int((kept & ~own).sum())}  # fmt: skip
        measured = _measured(part.same_scores, part.same_scores_limit)
        of = dict(zip(names, measured, strict=True))
        for name, value, limit, verdict in zip(
            names, part.same_scores, part.same_scores_limit, measured, strict=True
        ):
            scores.append({**who, "construct": name, "same_scores": value, "limit": limit,
                           "measured": verdict, **_labels(model, construct=name)})  # fmt: skip
        for place, (cause, outcome) in enumerate(part.edges):
            paths.append(
                {
                    **who,
                    "cause": cause,
                    "outcome": outcome,
                    "own": part.first[place],
                    "theirs": part.second[place],
                    "difference": part.first[place] - part.second[place],
                    "p_value": part.p_values[place],
                    "measured": max(of[cause], of[outcome], key=_VERDICTS.index),
                    **_labels(model, cause=cause, outcome=outcome),
                }
            )
    frame = pd.DataFrame(paths)
    told = np.zeros(len(frame), dtype=bool)
    compared = (frame["measured"] != "unlike").to_numpy()
    told[compared] = holm(frame.loc[compared, "p_value"].to_numpy())
    return {"summary": frame.assign(told=told), "measurement": pd.DataFrame(scores)}


def _measured(found: np.ndarray, limit: np.ndarray) -> list[str]:
    """Return whether scores are the same, near or unlike, by their correlations."""
    same, near = found >= limit - 1e-12, found >= NEAR
    return list(np.where(same, "same", np.where(near, "near", "unlike")))


def _labels(model: SurveyModel, **constructs: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("zh", "en"):
        ends = [model.label(name, language) for name in constructs.values()]
        found |= {f"{side}_{language}": text for side, text in zip(constructs, ends, strict=True)}
        found[f"arrow_{language}"] = " → ".join(ends)
    return found
