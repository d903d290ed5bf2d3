"""What would change a verdict, and the missing fact that would settle "cannot tell"."""

from __future__ import annotations

import numpy as np

from jicheng.errors import Text
from jicheng.select.analysis import Analysis
from jicheng.select.evidence import GRADES, NO_GRADE
from jicheng.select.verdicts import hits
from jicheng.select.wording import say

__all__ = ["what_settles"]

_GAP = 0.05  # change of probability that is worth a line
_SIGMAS = 3  # a smaller difference between two parts of the draws may be chance
_NAMED = 3  # arrows spelt out


def what_settles(analysis: Analysis, k: int) -> tuple[Text, ...]:
    """Return, most useful first, what would change the verdict on technology k."""
    verdict = analysis.verdict[k]
    if verdict == "no_data":
        return _no_data(analysis, k)
    if verdict == "chokepoint":
        return _relief(analysis, k) + _arrows(analysis, k)
    if verdict == "safe":
        return _margin(analysis, k)
    return (
        *_evidence(analysis, k),
        *_unexplained(analysis, k),
        *_arrows(analysis, k),
        *_members(analysis, k),
        *_margin(analysis, k),
    )


def _no_data(analysis: Analysis, k: int) -> tuple[Text, ...]:
    name = analysis.chain.technologies[k]
    found = [say("settle_shares", name=name)] if analysis.grade[k] == NO_GRADE else []
    if not analysis.chain.leads_to_final[k]:
        return (*found, say("settle_links", name=name))
    full, high = analysis.impact.full[k], analysis.impact.full_high[k]
    left = 1.0 - analysis.factors.relief[k]
    limit = analysis.scenario.threshold_impact
    if high * left < limit:
        found.append(say("settle_harmless", full=high * left, limit=limit))
    elif full * left >= limit:
        found.append(say("settle_need", share=limit / (full * left), limit=limit))
    return tuple(found)


def _relief(analysis: Analysis, k: int) -> tuple[Text, ...]:
    """Return the relief at which a point value falls below its threshold."""
    left, scenario = 1.0 - analysis.factors.relief[k], analysis.scenario
    v, i = analysis.vulnerability.point[k], analysis.impact.mixed[k]
    ratios = [scenario.threshold_vulnerability / v, scenario.threshold_impact / i]
    return (say("settle_relief", share=max(0.0, 1.0 - left * max(ratios))),)


def _margin(analysis: Analysis, k: int) -> tuple[Text, ...]:
    scenario = analysis.scenario
    return (
        say(
            "settle_margin",
            v=analysis.vulnerability.point[k],
            v_limit=scenario.threshold_vulnerability,
            i=analysis.impact.mixed[k],
            i_limit=scenario.threshold_impact,
        ),
    )


def _evidence(analysis: Analysis, k: int) -> tuple[Text, ...]:
    """Return what the evidence lacks, where the grade alone decides."""
    p, grade, settings = analysis.found.mixed[k], GRADES[analysis.grade[k]], analysis.settings
    likely = p >= settings.probability_chokepoint and grade == "D"
    unlikely = p <= settings.probability_safe and grade in "CD"
    if not likely and not unlikely:
        return ()
    if analysis.chain.is_category[k]:
        return (say("settle_category"),)
    key, years, mass = ("settle_likely", 8, 0.5) if likely else ("settle_unlikely", 4, 0.8)
    found = (say(key, grade=grade, since=analysis.period - years, mass=mass, p=p),)
    is_single = analysis.shown.n_suppliers[k] == 1
    return (*found, say("settle_single")) if is_single else found


def _unexplained(analysis: Analysis, k: int) -> tuple[Text, ...]:
    spread, one_hand = analysis.found.spread[k], analysis.found.one_hand[k]
    mass = analysis.supply.need.unknown[k]
    if mass <= 0 or not abs(one_hand - spread) >= _GAP:
        return ()
    return (say("settle_unexplained", mass=mass, spread=spread, one_hand=one_hand),)


def _arrows(analysis: Analysis, k: int) -> tuple[Text, ...]:
    """Return the arrows of unknown essentiality that move the probability most."""
    chain, draws = analysis.chain, analysis.draws
    if len(draws.essential) == 1:
        return ()
    hit = hits(draws.vulnerability[:, k], draws.mixed[:, k], analysis.scenario)
    graph = chain.graph
    target = np.repeat(np.arange(graph.n_technologies), np.diff(graph.input_pointer))
    gaps = []
    for e in np.flatnonzero(chain.essential_unknown):
        source, taken = int(graph.input_source[e]), draws.essential[:, e]
        is_downstream = source == k or k in chain.ancestors[source]
        if not is_downstream or taken.all() or not taken.any():
            continue
        yes, no = float(hit[taken].mean()), float(hit[~taken].mean())
        noise = hit.std() * np.sqrt(1 / taken.sum() + 1 / (~taken).sum())
        if abs(yes - no) >= max(_GAP, _SIGMAS * noise):
            ids = (chain.technologies[source], chain.technologies[target[e]])
            gaps.append((-abs(yes - no), ids, yes, no))
    return tuple(
        say("settle_arrow", source=source, target=to, yes=yes, no=no)
        for _, (source, to), yes, no in sorted(gaps)[:_NAMED]
    )


def _members(analysis: Analysis, k: int) -> tuple[Text, ...]:
    best, worst = analysis.found.best[k], analysis.found.worst[k]
    if not worst - best >= _GAP:
        return ()
    chain = analysis.chain
    names = [
        chain.technologies[j]
        for j in np.flatnonzero(chain.members_unweighed)
        if k in chain.ancestors[j]
    ]
    return (say("settle_members", names=", ".join(names), best=best, worst=worst),)
