"""``jicheng label``: people grade candidates, and the zone measures its own matching."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jicheng.cli_firms import refuse_target
from jicheng.cli_matcher import engine_option, open_matcher
from jicheng.cli_output import (
    SAMPLE,
    example,
    print_faults,
    print_frame,
    print_json,
    print_sample,
    told_errors,
)
from jicheng.errors import Fault, InvalidInput, Text, fault

if TYPE_CHECKING:
    from jicheng.integrate.match.labels import Label
    from jicheng.integrate.match.matcher import Found, Matcher
    from jicheng.integrate.match.parties import Direction
    from jicheng.integrate.match.quality import KindQuality
    from jicheng.integrate.match.query import Query
    from jicheng.integrate.match.suggestion import Suggestion
    from jicheng.io.answer_sheet import Answers, Question
    from jicheng.zone import Zone

__all__ = ["label", "labels_file"]

_SHEET = "标注 Labels"
_NOTES = (
    "请逐行判断候选者能否解决该项目，在“评分”列选择：2 能解决；1 能帮上一部分；0 不合适；不清楚。",
    "Say of each row whether the candidate could solve the challenge: 2, 1, 0 or unclear.",
    "行的顺序是打乱的，与系统的排名无关；其中有系统没有找到的候选者。",
    "The order of rows is shuffled and tells nothing of any ranking; some were found by nothing.",
    "空着的行不计。可以改主意：再交一次，以同一人的最后一次为准。",
    "Rows left empty do not count. Of one person the last answer counts.",
)


def labels_file(zone: Path) -> Path:
    """Return where the labels of a zone are kept: beside it."""
    from jicheng.io.beside import beside

    return beside(zone, "labels.csv")


@click.command(
    epilog=example(
        "jicheng label my-zone --challenge chal:ic-track --sheet labels.xlsx",
        "jicheng label my-zone --challenge chal:ic-track --kind people --sheet people.xlsx",
        "jicheng label my-zone --from labels.xlsx --who 张三",
        "jicheng label my-zone --quality",
    )
)
@click.argument("zone", type=click.Path(path_type=Path))
@click.option("--challenge", "challenges", multiple=True, metavar="编号",
              help="攻关项目，可多个 / challenge, may be repeated")  # fmt: skip
@click.option("--all", "every", is_flag=True, help="全部攻关项目 / all challenges")
@click.option("--sheet", type=click.Path(path_type=Path),
              help="写出标注表（.xlsx、.csv） / write a sheet to fill in")  # fmt: skip
@click.option("--from", "source", type=click.Path(path_type=Path),
              help="读入填好的标注表 / read a filled sheet")  # fmt: skip
@click.option("--who", help="标注人 / who labels")
@click.option("--quality", "measured", is_flag=True,
              help="按标注衡量匹配质量 / measure the matching on the labels")  # fmt: skip
@click.option("--kind", type=click.Choice(["organisations", "people", "facilities", "all"]),
              help="标注或衡量哪一类（标注表默认组织，衡量默认全部） / which kind: a sheet asks of "
              "organisations, a measurement is of all, unless told")  # fmt: skip
@click.option("-n", "count", type=click.IntRange(1, 100), default=10, show_default=True,
              help="每种排法取几名 / how many of each way of ranking")  # fmt: skip
@engine_option
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option("--replace", is_flag=True, help="覆盖已有标注表 / replace an existing sheet")
def label(
    zone: Path,
    challenges: tuple[str, ...],
    sheet: Path | None,
    source: Path | None,
    who: str | None,
    kind: str | None,
    count: int,
    engine: str,
    *,
    every: bool,
    measured: bool,
    as_json: bool,
    replace: bool,
) -> None:
    """人工标注候选者，并衡量匹配质量 / grade candidates, and measure how good matching is."""
    from jicheng.integrate.match.parties import Direction

    given = [sheet is not None, source is not None, measured]
    with told_errors():
        if sum(given) != 1:
            raise InvalidInput.of("E074", count=sum(given))
        if sheet is not None:
            refuse_target(sheet, replace=replace)
            matcher = open_matcher(zone, engine=engine)
            wanted = Direction(kind or "organisations")
            _write_sheet(matcher, sheet, challenges, wanted, count, every=every)
        elif source is not None:
            _read_sheet(zone, source, who or "")
        else:
            _measure(zone, Direction(kind or "all"), engine, as_json=as_json)


def _questions() -> tuple[Question, ...]:
    from jicheng.integrate.match.labels import GRADES
    from jicheng.io.answer_sheet import Question

    return (
        Question("challenge", Text("项目编号", "Challenge id")),
        Question("challenge_name", Text("攻关项目", "Challenge"), 28),
        Question("candidate", Text("候选者编号", "Candidate id")),
        Question("candidate_name", Text("候选者", "Candidate"), 28),
        Question("kind", Text("类别", "Kind"), 12),
        Question("organisation", Text("所在单位", "Where"), 28),
        Question("why", Text("已知能力", "Known capabilities"), 36),
        Question("sentences", Text("相关文本", "Sentences"), 70),
        Question("grade", Text("评分", "Grade"), 16, tuple(GRADES.values()), is_answer=True),
        Question("who", Text("标注人", "Who"), 14, is_answer=True),
        Question("note", Text("备注", "Note"), 30, is_answer=True),
    )


def _write_sheet(
    matcher: Matcher,
    sheet: Path,
    challenges: Sequence[str],
    wanted: Direction,
    count: int,
    *,
    every: bool,
) -> None:
    import polars as pl

    from jicheng.integrate.match.query import query_of_challenge
    from jicheng.io.answer_sheet import write_questions

    names = matcher.zone["challenges"]["id"].to_list() if every else list(challenges)
    if not names:
        raise InvalidInput.of("E060" if every else "E075")
    queries = [query_of_challenge(matcher.zone, name) for name in dict.fromkeys(names)]
    rows = [row for query in queries for row in _rows(matcher, query, wanted, count)]
    notes = [*_NOTES, SAMPLE] if matcher.zone.is_sample else list(_NOTES)
    schema = {one.name: pl.String for one in _questions()}
    write_questions(sheet, _SHEET, _questions(), pl.DataFrame(rows, schema=schema), notes)
    click.echo(f"标注表已写入 / sheet written: {sheet}（{len(rows)} 行 / rows）")
    if matcher.zone.is_sample:
        print_sample()


def _rows(
    matcher: Matcher, query: Query, wanted: Direction, count: int
) -> list[dict[str, str | None]]:
    """Return the rows of a challenge, in an order that tells nothing, without any score.

    Kinds are pooled apart, so that none crowds another out, and shuffled together.
    """
    from jicheng.integrate.match.pooling import pool, shuffled

    rows = {}
    for kind in wanted.kinds:
        found = matcher.find(query, kind)
        for place in pool(matcher, found, count):
            rows[place] = _row(matcher, found, place)
    return [rows[place] for place in shuffled(matcher, query.id, rows)]


def _row(matcher: Matcher, found: Found, place: int) -> dict[str, str | None]:
    from jicheng.integrate.match.explanation import quotes_of
    from jicheng.integrate.match.grounds import shared_capabilities

    parties, query = matcher.parties, found.query
    held = shared_capabilities(matcher, found, place).filter(verdict="yes")
    said = [f"《{one.title}》：{one.sentence}" for one in quotes_of(matcher, found, place)]
    home = int(parties.home[place])
    return {
        "challenge": query.id,
        "challenge_name": query.title.zh,
        "candidate": parties.ids[place],
        "candidate_name": parties.named(place).zh,
        "kind": found.direction.label.zh,
        "organisation": parties.named(home).zh if home not in (-1, place) else None,
        "why": "、".join(held["name"].fill_null(held["capability"])) or None,
        "sentences": "\n".join(sorted(said)) or None,
    }


def _read_sheet(zone: Path, source: Path, who: str) -> None:
    from jicheng.integrate.match.labels import append_labels
    from jicheng.io.answer_sheet import mark_faults, read_answers
    from jicheng.zone import Zone

    loaded = Zone.load(zone)
    answers = read_answers(source, _questions(), ("challenge", "candidate", "grade"))
    labels, faults = _labels(loaded, answers, who.strip())
    if faults:
        if source.suffix.lower() != ".csv":
            copy = source.with_name(f"{source.stem}.批注.xlsx")
            mark_faults(source, faults, answers.layout, copy)
            click.echo(f"已在副本中标出错误 / faults are marked in a copy: {copy}", err=True)
        raise InvalidInput(faults)
    if labels:
        append_labels(labels_file(zone), labels)
    click.echo(f"已追加 {len(labels)} 条标注 / labels added: {labels_file(zone)}")


def _labels(zone: Zone, answers: Answers, who: str) -> tuple[list[Label], list[Fault]]:
    """Return the labels of a sheet, and a fault for every cell that cannot be."""
    from jicheng.integrate.match.labels import Label, grade_of

    known = {
        "challenge": {*zone["challenges"]["id"], *zone["technologies"]["id"]},
        "candidate": {name for table in ("organisations", "people", "facilities")
                      for name in zone[table]["id"]},
    }  # fmt: skip
    called = {"challenge": Text("攻关项目", "challenge"), "candidate": Text("候选者", "candidate")}
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    labels, faults = [], []
    for row, cells in enumerate(answers.table.iter_rows(named=True)):
        if cells["grade"] is None:
            continue
        wrong = [
            fault("E071", where=answers.where(row, name), value=cells[name] or "",
                  what=called[name])
            for name in known
            if cells[name] not in known[name]
        ]  # fmt: skip
        grade = grade_of(cells["grade"])
        if grade is None:
            wrong.append(fault("E070", where=answers.where(row, "grade"), value=cells["grade"]))
        person = (cells["who"] or who).strip()
        if not person:
            wrong.append(fault("E072", where=answers.where(row, "who")))
        faults += wrong
        if not wrong and grade is not None:
            note = cells["note"] or ""
            labels.append(Label(cells["challenge"], cells["candidate"], grade, person, now, note))
    return labels, faults


def _measure(zone: Path, wanted: Direction, engine: str, *, as_json: bool) -> None:
    from jicheng.integrate.match.labels import read_labels
    from jicheng.integrate.match.quality import quality
    from jicheng.integrate.match.suggestion import suggest_weights

    rows = read_labels(labels_file(zone))
    if rows.is_empty():
        raise InvalidInput.of("E073")
    matcher = open_matcher(zone, engine=engine)
    told = quality(matcher, rows, wanted)
    if not told.kinds:
        print_faults(list(told.warnings))
        raise InvalidInput.of("E076", kind=wanted.label)
    suggested = [suggest_weights(one.graded) for one in told.kinds]
    if as_json:
        plain = [one.as_plain() | {"suggestion": better.as_plain()}
                 for one, better in zip(told.kinds, suggested, strict=True)]  # fmt: skip
        warnings = [{"code": one.code, "zh": one.message.zh, "en": one.message.en}
                    for one in told.warnings]  # fmt: skip
        print_json({"kinds": plain, "warnings": warnings, "is_sample": matcher.zone.is_sample})
        return
    print_faults(list(told.warnings))
    for one, better in zip(told.kinds, suggested, strict=True):
        _print_kind(one, better)
    click.echo("未标注的候选者不参与计算 / candidates without a label are left out")
    if matcher.zone.is_sample:
        print_sample()


def _print_kind(one: KindQuality, suggestion: Suggestion) -> None:
    print_frame(one.table.fill_nan(None))
    if one.agreement.height:
        click.echo("一致性（Cohen κ） / agreement (Cohen's kappa)")
        print_frame(one.agreement)
    for said in (*one.sentences, suggestion.sentence):
        click.echo(f"{said.zh} / {said.en}")
    click.echo()
