"""The account of one subject's result: every element, its figures, their sources.

An explanation is made anew from the facts of that one subject and the quantiles that its
peer group had, so that it costs the same in a list of ten firms and of half a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jicheng.conform import nearest
from jicheng.errors import InvalidInput, Text
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.wording import join
from jicheng.rules.score.account import Account
from jicheng.rules.score.evaluate import VERDICTS, Evaluation, evaluate
from jicheng.rules.score.finding import Finding
from jicheng.rules.score.labels import Labels
from jicheng.rules.score.settling import Settles, Settling, settling
from jicheng.rules.score.sources import SourceRows
from jicheng.rules.score.wording import overlay_note, points_text, say, spoken
from jicheng.zone import Zone

__all__ = ["Explanation", "explain", "settling_text"]


@dataclass(frozen=True)
class Explanation:
    """An account of what a pack says of one subject.

    Attributes
    ----------
    pack : Pack
        What was applied.
    subject, name : str
        Whom it judges.
    year : int
        The evaluation year.
    verdict : str
        ``pass``, ``fail`` or ``open``.
    low, high, total : float or None
        Points and how many there are without bonus; None for a pack without points.
    headline, document : Text
        Name, verdict, pack and year; the text of the rules and its issuer.
    remarks : tuple of Text
        Overlays, draft, demo weights, intervals that may be wider than need be.
    findings : tuple of Finding
        Gates, indicators, pass conditions, direct passes, in the pack's order.
    missing : tuple of Settling
        What is missing, the most telling first.
    """

    pack: Pack
    subject: str
    name: str
    year: int
    verdict: str
    low: float | None
    high: float | None
    total: float | None
    headline: Text
    document: Text
    remarks: tuple[Text, ...]
    findings: tuple[Finding, ...]
    missing: tuple[Settling, ...]

    def finding(self, path: str) -> Finding:
        """Return what one element says.

        Raises
        ------
        KeyError
            If the pack has no such element.
        """
        for top in self.findings:
            for each in top.all():
                if each.path == path:
                    return each
        raise KeyError(path)

    def as_plain(self) -> dict[str, Any]:
        """Return the explanation as JSON values; texts as ``{zh, en}``."""
        return {
            "pack": self.pack.key,
            "subject": self.subject,
            "name": self.name,
            "year": self.year,
            "verdict": self.verdict,
            "low": self.low,
            "high": self.high,
            "total": self.total,
            "headline": _plain(self.headline),
            "document": _plain(self.document),
            "remarks": [_plain(each) for each in self.remarks],
            "findings": [_plain_finding(each) for each in self.findings],
            "missing": [_plain_missing(each) for each in self.missing],
        }

    def as_text(self, language: str | None = None) -> str:
        """Return the explanation as text, in one language or, by default, in both."""
        lines = [spoken(self.headline, language)]
        if self.low is not None and self.high is not None and self.total is not None:
            points = points_text(self.low, self.high)
            score = say("score", points=points, total=points_text(self.total))
            lines.append(spoken(score, language))
        lines += [spoken(each, language) for each in (self.document, *self.remarks)]
        for top in self.findings:
            for finding in top.all():
                lines += _lines(finding, language)
        if self.missing:
            lines.append(spoken(say("missing_title"), language))
            lines += [f"  {spoken(settling_text(each), language)}" for each in self.missing]
        return "\n".join(lines)


def explain(evaluation: Evaluation, subject: str | int, *, zone: Zone | None = None) -> Explanation:
    """Account for the result of one subject.

    Parameters
    ----------
    evaluation : Evaluation
        Of any number of subjects.
    subject : str or int
        Id, or place in the list.
    zone : Zone, optional
        Of the facts: its rows are then named as sources.

    Raises
    ------
    InvalidInput
        E961 if the list has no such subject.
    """
    pack = evaluation.pack
    firm = evaluation.facts.rows([_place(evaluation, subject)])
    now = evaluate(pack, firm, peers=evaluation.peers)
    labels = Labels.of(pack, firm.dictionary)
    rows = None if zone is None else SourceRows(zone, str(firm.subjects[0]), firm.year)
    account = Account(now, labels, rows)
    sections = (pack.gates, pack.indicators, pack.conditions, pack.direct)
    name = str((firm.names if firm.names is not None else firm.subjects)[0] or firm.subjects[0])
    verdict = VERDICTS[int(now.verdicts[0])]
    score = now.score
    return Explanation(
        pack=pack,
        subject=str(firm.subjects[0]),
        name=name,
        year=firm.year,
        verdict=verdict,
        low=None if score is None else float(score.low[0]),
        high=None if score is None else float(score.high[0]),
        total=None if score is None else pack.total,
        headline=say(
            "headline" if pack.gates or pack.conditions or pack.direct else "headline_points",
            name=name,
            verdict=say(verdict),
            pack=pack.name,
            year=firm.year,
        ),
        document=_document(pack),
        remarks=_remarks(now, account),
        findings=tuple(account.finding(each) for section in sections for each in section),
        missing=settling(now, 0),
    )


def settling_text(found: Settling) -> Text:
    """Return in a sentence what a missing fact would settle."""
    texts = [say(f"settles_{found.settles.name.lower()}", name=found.label)]
    if found.narrows_most > 0:
        points = points_text(found.narrows_least, found.narrows_most)
        texts.append(say("narrows", points=points))
    if found.settles is not Settles.NEVER:
        texts += [
            say("outcome", values=values, verdict=say(VERDICTS[verdict]))
            for values, verdict in found.texts
        ]
    return join(texts, "semicolon")


def _place(evaluation: Evaluation, subject: str | int) -> int:
    subjects = evaluation.facts.subjects
    if isinstance(subject, int):
        return subject
    place = subjects.index_of(subject)
    if place is None:
        near = nearest(subject, subjects.to_list())
        raise InvalidInput.of("E961", subject=subject, near=near)
    return place


def _document(pack: Pack) -> Text:
    if not pack.document:
        return say("no_document")
    told = say("document", issuer=pack.issuer, document=pack.document)
    return Text(" ".join(told.zh.split()), " ".join(told.en.split()))


def _remarks(now: Evaluation, account: Account) -> tuple[Text, ...]:
    keys = []
    if now.is_draft:
        keys.append("draft")
    if now.has_demo_weights:
        keys.append("demo_weights")
    if account.leaves_ranges():
        keys.append("ranges")
    if account.counted_twice():
        keys.append("wider")
    note = overlay_note(now.pack)
    told = tuple(say(key) for key in keys)
    return told if note is None else (note, *told)


def _plain(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _plain_finding(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "name": _plain(finding.name),
        "status": finding.status.value,
        "numbers": finding.numbers.value,
        "value": None if finding.value is None else _plain(finding.value),
        "threshold": _plain(finding.threshold),
        "truth": finding.truth,
        "low": finding.low,
        "high": finding.high,
        "most": finding.most,
        "result": _plain(finding.result),
        "flags": list(finding.flags),
        "remarks": [_plain(each) for each in finding.remarks],
        "facts": [
            {
                "fact": str(row.name),
                "label": _plain(row.label),
                "value": _plain(row.value),
                "is_known": row.is_known,
                "source": row.source,
                "rows": [
                    {
                        "table": each.table,
                        "key": each.key,
                        "values": each.values,
                        "source": each.source,
                        "as_of": each.as_of,
                    }
                    for each in row.rows
                ],
            }
            for row in finding.facts
        ],
        "below": [_plain_finding(each) for each in finding.below],
        "note": None if finding.note is None else _plain(finding.note),
        "file": finding.file,
        "line": finding.line,
        "overlay": None if finding.overlay is None else _plain(finding.overlay),
    }


def _plain_missing(found: Settling) -> dict[str, Any]:
    return {
        "fact": found.path if found.name is None else str(found.name),
        "label": _plain(found.label),
        "settles": found.settles.name.lower(),
        "narrows_least": found.narrows_least,
        "narrows_most": found.narrows_most,
        "text": _plain(settling_text(found)),
    }


def _lines(finding: Finding, language: str | None) -> list[str]:
    indent = "  " * finding.path.count("/")
    value = "" if finding.value is None else f" {spoken(finding.value, language)}"
    head = f"{indent}{spoken(finding.name, language)}:{value} → {spoken(finding.result, language)}"
    of_overlay = "" if finding.overlay is None else f"; {spoken(finding.overlay, language)}"
    lines = [f"{head} [{finding.status.value}{of_overlay}]"]
    if finding.threshold.zh:
        lines.append(f"{indent}  {spoken(finding.threshold, language)}")
    lines += [f"{indent}  ! {spoken(each, language)}" for each in finding.remarks]
    for row in finding.facts:
        fact = say("fact", name=row.label, value=row.value)
        source = "" if row.rows else row.source
        lines.append(f"{indent}  - {spoken(fact, language)} {source}".rstrip())
        for each in row.rows:
            told = f"{each.table}: {each.key} [{each.values}] {each.source} {each.as_of}"
            lines.append(f"{indent}    · {told}".rstrip())
    return lines
