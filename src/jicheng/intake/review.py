"""The sheet on which a person decides about pairs of records, and reading it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.intake.inputs import Inputs
from jicheng.intake.resolving import Resolved
from jicheng.integrate.resolve import Judgements, Verdict
from jicheng.integrate.resolve.explanation import Explanation
from jicheng.integrate.resolve.resolution import Resolution
from jicheng.io.answer_sheet import Question, read_answers, write_questions
from jicheng.io.sources.columns import columns_of

__all__ = ["read_review", "review_table", "write_review"]

_VERDICTS = {
    Verdict.SAME: Text("同一", "same"),
    Verdict.DIFFERENT: Text("不同", "different"),
}
_UNSURE = Text("不确定", "unsure")
_QUESTIONS = (
    Question("kind", Text("种类", "Kind"), 8),
    Question("left_name", Text("记录甲", "Record A"), 30),
    Question("left_said", Text("甲的内容", "What A says"), 40),
    Question("left_source", Text("甲的来源", "Source of A"), 24),
    Question("right_name", Text("记录乙", "Record B"), 30),
    Question("right_said", Text("乙的内容", "What B says"), 40),
    Question("right_source", Text("乙的来源", "Source of B"), 24),
    Question("probability", Text("同一的概率", "Probability"), 10),
    Question("settles", Text("可定对数", "Settles"), 10),
    Question("why", Text("依据", "Reasons"), 50),
    Question(
        "verdict", Text("判定", "Verdict"), 10, (*_VERDICTS.values(), _UNSURE), is_answer=True
    ),
    Question("reason", Text("理由", "Your reason"), 30, is_answer=True),
    Question("left", Text("甲的编号", "Id of A"), 22),
    Question("right", Text("乙的编号", "Id of B"), 22),
)
_NOTES = (
    "每行是两条可能为同一组织、人员或设施的记录。在“判定”一列选择 同一、不同 或 不确定。",
    "只问必须问的：已合并的记录一并判定，“可定对数”是这一行的答案能定下多少对待定记录，多的在前；"
    "甲乙同一、乙丙同一时，甲丙不必再问。答“不同”之后仍未定的，下一次核对表再问。",
    "填好后运行：jicheng resolve 文件... -o 高新区 --judgements 本表 --who 姓名 --replace",
    "Each row holds two records that may be one. Choose a verdict, then run the command.",
    "Only what must be asked is asked: records that are joined already are decided about together, "
    "“Settles” is how many undecided pairs the answer of a row settles, most first; if A is B "
    "and B is C, A and C need no question. What is open after “different” comes in the next sheet.",
)
_SHEET = "核对 Review"
_NOT_SHOWN = ("id", "name", "source", "as_of", "licence", "retrieved", "query", "is_member")
_TABLES = {"organisation": "organisations", "person": "people", "facility": "facilities"}
_SHOWN = 5  # texts and names beside a record
_MOST = 5_000  # questions of one kind on a sheet; those that settle most


def review_table(resolved: Resolved, inputs: Inputs) -> pl.DataFrame:
    """Return the questions, those that settle most first: what each record says, and why."""
    rows: list[dict[str, Any]] = []
    beside = _Beside.of(inputs)
    for found in resolved:
        said = {row["id"]: row for row in found.records.table.iter_rows(named=True)}
        names = {
            row["id"]: row["name"] or row["name_en"]
            for row in resolved.organisations.records.table.iter_rows(named=True)
        }
        asked = found.questions.head(_MOST).select("left", "right", "probability", "settles")
        for left, right, probability, settles in asked.iter_rows():
            why = found.explain(left, right)
            rows.append(
                {
                    "kind": found.kind.noun.zh,
                    **_side("left", said[left], found, names, beside),
                    **_side("right", said[right], found, names, beside),
                    "probability": None if probability is None else round(probability, 3),
                    "settles": settles,
                    "why": in_words(why),
                }
            )
    names_of = [q.name for q in _QUESTIONS if not q.is_answer]
    schema: dict[str, Any] = dict.fromkeys(names_of, pl.String)
    schema |= {"probability": pl.Float64, "settles": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _side(
    side: str,
    row: Mapping[str, Any],
    found: Resolution,
    bodies: Mapping[str, str],
    beside: _Beside,
) -> dict[str, str]:
    told = [_told(row, found, bodies), *beside.told(row["id"])]
    return {
        side: row["id"],
        f"{side}_name": row["name"] or row.get("name_en") or "",
        f"{side}_said": "；".join(filter(None, told)),
        f"{side}_source": beside.place(row["id"]) or row["source"] or "",
    }


@dataclass(frozen=True)
class _Beside:
    """What the texts of a record say of it, and where it stands: more than its own cells."""

    texts: Mapping[str, list[str]]
    parties: Mapping[str, list[str]]
    titles: Mapping[str, str]
    names: Mapping[str, str]
    places: Mapping[str, str]

    @classmethod
    def of(cls, inputs: Inputs) -> _Beside:
        """Collect it from all that was read."""
        records = inputs.records
        texts: dict[str, list[str]] = {}
        parties: dict[str, list[str]] = {}
        for text, party in records.text_parties.select("text", "party").sort(pl.all()).iter_rows():
            texts.setdefault(party, []).append(text)
            parties.setdefault(text, []).append(party)
        titles = {
            own: f"《{title}》" + (f"（{period}）" if period else "")
            for own, title, period in records.texts.select("id", "title", "period").iter_rows()
        }
        names = dict(records.people.select("id", pl.coalesce("name", "name_en")).iter_rows())
        places = {
            record: f"{one.file.name} {one.list.sheet.name} 第 {row} 行".replace("  ", " ")
            for one in inputs.lists
            for record, row in one.places.items()
        }
        return cls(texts, parties, titles, names, places)

    def told(self, record: str) -> list[str]:
        """Return the titles of a record's texts and who wrote them with it."""
        texts = self.texts.get(record, [])
        titles = [self.titles[text] for text in texts if text in self.titles]
        others = {self.names[one] for text in texts for one in self.parties[text]
                  if one in self.names and one != record}  # fmt: skip
        return [
            f"{label}：{_some(found)}"
            for label, found in (("文本", titles), ("共同署名", sorted(others)))
            if found
        ]

    def place(self, record: str) -> str:
        """Return file, sheet and row of a record that stands in a list."""
        return self.places.get(record, "")


def _some(words: Sequence[str]) -> str:
    return "、".join(words[:_SHOWN]) + (f" 等 {len(words)} 项" if len(words) > _SHOWN else "")


def _told(row: Mapping[str, Any], found: Resolution, bodies: Mapping[str, str]) -> str:
    """Return what a record says beside its name, under the labels of its columns."""
    parts = []
    for column in columns_of(_TABLES[str(found.kind)]):
        value = row.get(column.name)
        if column.name not in _NOT_SHOWN and value is not None:
            parts.append(f"{column.label.zh}：{bodies.get(value, value)}")
    return "；".join(parts)


def in_words(why: Explanation) -> str:
    """Return a waterfall as a sentence: what was compared, found, and how much it weighs."""
    steps = [f"{step.comparison.zh}：{step.finding.zh}（{step.weight:+.1f}）" for step in why.steps]
    return "；".join([why.reason.zh, *steps])


def write_review(path: Path, resolved: Resolved, inputs: Inputs) -> int:
    """Write the sheet, whole or not at all; return how many questions it holds."""
    table = review_table(resolved, inputs)
    write_questions(path, _SHEET, _QUESTIONS, table, _NOTES)
    return table.height


def read_review(
    path: Path, judgements: Judgements, *, who: str, at: dt.datetime
) -> tuple[Judgements, int]:
    """Add what a person decided on a sheet to the judgements.

    Returns
    -------
    judgements : Judgements
        Unsure and empty rows add nothing, nor what holds already.
    added : int
        How many were added.

    Raises
    ------
    InvalidInput
        E649 for words that are no verdict, with their rows; see
        :func:`jicheng.io.answer_sheet.read_answers` for the file.
    """
    answers = read_answers(path, _QUESTIONS, ("verdict", "left", "right"))
    held = {(row.left, row.right): row.verdict for row in judgements.held()}
    faults: list[Fault] = []
    added = 0
    for k, row in enumerate(answers.table.iter_rows(named=True)):
        word = (row["verdict"] or "").strip().lower()
        verdict = next((v for v, text in _VERDICTS.items()
                        if word and word in (text.zh, text.en, str(v))), None)  # fmt: skip
        if verdict is None:
            if word and word not in (_UNSURE.zh, _UNSURE.en):
                at_cell = answers.where(k, "verdict")
                faults.append(fault("E649", where=at_cell, value=word[:30]))
            continue
        left, right = sorted((row["left"] or "", row["right"] or ""))
        if held.get((left, right)) is verdict:
            continue
        why = row["reason"] or f"核对表 {path.name}"
        judgements = judgements.say(left, right, verdict, who=who, at=at, why=why)
        added += 1
    if faults:
        raise InvalidInput(faults)
    return judgements, added
