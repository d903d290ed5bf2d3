"""``jicheng resolve``: files as offices keep them become a checked zone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jicheng.cli_output import (
    example,
    print_faults,
    print_json,
    print_sample,
    spinner,
    told_errors,
)
from jicheng.errors import InvalidInput, fault

if TYPE_CHECKING:
    from jicheng.intake.carrying import Carried
    from jicheng.intake.intake import Intake
    from jicheng.integrate.resolve import Judgements

__all__ = ["judgements_file", "resolve"]

_JOINING = ("auto", "identifiers")
_CHANGES = "replaced.csv"


def judgements_file(zone: Path) -> Path:
    """Return where the judgements of a zone are kept: beside it."""
    from jicheng.io.beside import beside

    return beside(zone, "judgements.csv")


@click.command(
    epilog=example(
        "jicheng resolve 企业名录.xlsx 专利清单.xlsx -o my-zone --zone-name 示例园区",
        "jicheng resolve raw-files -o my-zone --review 核对.xlsx --replace",
        "jicheng resolve raw-files -o my-zone --judgements 核对.xlsx --who 张三 --replace",
    )
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="高新区 / zone")
@click.option(
    "--mapping", type=click.Path(path_type=Path), help="对照文件（TOML） / mapping of headings"
)
@click.option("--zone-name", help="高新区名称 / name of the zone")
@click.option("--home", help="所在国家 / home country [CHN]")
@click.option("--year", type=click.IntRange(1990, 2100), help="数据年份 / year of the data")
@click.option(
    "--review", type=click.Path(path_type=Path), help="写出核对表 / write pairs to decide"
)
@click.option(
    "--judgements", type=click.Path(path_type=Path), help="读入填好的核对表 / read decided pairs"
)
@click.option("--who", default="", help="判定人 / who decides")
@click.option("--undo", type=int, metavar="N", help="撤销第 N 号判定 / take back judgement N")
@click.option(
    "--explain",
    nargs=2,
    metavar="A B",
    help="解释两条记录为何合并或分开 / why A and B are one or two",
)
@click.option(
    "--source-order", default="", help="来源先后，用逗号分隔 / sources, most trusted first"
)
@click.option("--listed-only", is_flag=True, help="略去只在文本中出现的组织 / leave out others")
@click.option(
    "--join-by", type=click.Choice(_JOINING), default="auto", show_default=True,
    help="identifiers：只按标识合并 / join by identifiers alone",
)  # fmt: skip
@click.option("--replace", is_flag=True, help="覆盖已有目标 / replace an existing target")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def resolve(
    files: tuple[Path, ...],
    out: Path,
    mapping: Path | None,
    zone_name: str | None,
    home: str | None,
    year: int | None,
    review: Path | None,
    judgements: Path | None,
    who: str,
    undo: int | None,
    explain: tuple[str, str] | None,
    source_order: str,
    join_by: str,
    *,
    listed_only: bool,
    replace: bool,
    as_json: bool,
) -> None:
    """把原始名单变成经过检查的高新区 / make a checked zone of lists as offices keep them.

    FILES：Excel（.xlsx）、CSV，放这些文件的目录，或 jicheng import、fetch 写出的记录目录。
    Excel or CSV files, folders of them, or folders of records that import and fetch write.
    """
    from jicheng.intake.carrying import carry_over
    from jicheng.intake.inputs import read_inputs
    from jicheng.intake.intake import IntakeOptions, take_in, with_summary
    from jicheng.intake.review import write_review
    from jicheng.integrate.resolve import ResolveSettings
    from jicheng.io.beside import beside
    from jicheng.io.csv_safe import write_csv
    from jicheng.zone import Zone

    with told_errors():
        if out.exists() and not replace and not explain:
            raise InvalidInput.of("E606", path=out)
        old = Zone.load(out) if out.exists() else None
        before = {} if old is None else next(old["zones"].iter_rows(named=True), {})
        options = IntakeOptions(
            name=zone_name or before.get("name") or out.resolve().name,
            home=home or before.get("home") or "CHN",
            year=year or before.get("period"),
            source_order=tuple(re.findall(r"[^,，、\s]+", source_order)),
            only_listed=listed_only,
            settings=ResolveSettings(probable=join_by == "auto"),
        )  # fmt: skip
        with spinner("读取文件、合并记录 / reading files, joining records"):
            inputs = read_inputs(files, mapping=mapping or ())
            said = _decided(judgements_file(out), judgements, undo, who)
            made = take_in(inputs, options, judgements=said)
        if explain:
            _print_explanation(made, explain, as_json=as_json)
            return
        carried = None
        if old is not None:
            carried = carry_over(old, made.zone)
            made = dataclasses.replace(made, zone=carried.zone)
        made = with_summary(made, out)
        if said.rows:  # first, so that no zone holds decisions that are kept nowhere
            said.keep(judgements_file(out))
        if carried is not None:
            write_csv(carried.changes, beside(out, _CHANGES))
        made.save(out)
        asked = None if review is None else write_review(review, made.resolved, made.inputs)
    if as_json:
        counts = (
            {}
            if carried is None
            else {
                "kept": carried.kept,
                "dropped": carried.dropped,
                "conflicts": carried.conflicts,
                "changes": carried.changes.height,
            }
        )
        print_json(as_plain(made, out) | {"carried": counts})
    else:
        _print(made, out)
        if carried is not None:
            _print_carried(carried, beside(out, _CHANGES).name)
        if asked is not None:
            click.echo(f"核对表 / review sheet: {review}（{asked} 个问题 / questions）")


def _decided(kept: Path, sheet: Path | None, undo: int | None, who: str) -> Judgements:
    """Return the judgements kept beside the zone, with what is decided now."""
    from jicheng.intake.review import read_review
    from jicheng.integrate.profile.confirmation import check_who
    from jicheng.integrate.resolve import Judgements

    said = Judgements.read(kept)
    if (sheet is not None or undo is not None) and not who.strip():
        raise InvalidInput.of("E656")
    who = check_who(who) if who.strip() else ""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    if undo is not None:
        said = said.undo(undo, who=who, at=now, why="撤销 / taken back")
    if sheet is not None:
        said, n = read_review(sheet, said, who=who, at=now)
        click.echo(f"新增判定 / judgements added: {n}", err=True)
    return said


def _records_of(made: Intake, text: str) -> list[str]:
    """Return the records of the one body that a person means by an id or a name."""
    records = made.records
    found = [
        (row["record"], row["id"])
        for row in records.iter_rows(named=True)
        if text in (row["record"], row["id"], row["name"])
    ]
    if not found:
        raise InvalidInput([fault("E653", text=text)])
    if len({own for _, own in found}) > 1:
        shown = ", ".join(record for record, _ in found[:8])
        raise InvalidInput([fault("E654", text=text, n=len(found), records=shown)])
    return [str(record) for record, _ in found]


def _print_explanation(made: Intake, pair: tuple[str, str], *, as_json: bool) -> None:
    of_left, of_right = (_records_of(made, text) for text in pair)
    kinds = {found.kind: set(found.records.table["id"]) for found in made.resolved}
    found = next(
        (one for one in made.resolved if {of_left[0], of_right[0]} <= kinds[one.kind]),
        made.resolved.people,
    )
    left, right = found.closest(of_left, of_right)
    why = found.explain(left, right)
    if as_json:
        print_json(
            {
                "left": left,
                "right": right,
                "is_one": made.resolved.ids[left] == made.resolved.ids[right],
                "reason": {"zh": why.reason.zh, "en": why.reason.en},
                "probability": why.probability,
                "steps": [
                    {"comparison": s.comparison.zh, "finding": s.finding.zh, "weight": s.weight}
                    for s in why.steps
                ],
            }
        )
        return
    is_one = made.resolved.ids[left] == made.resolved.ids[right]
    click.echo("同一 / one" if is_one else "不同 / two")
    click.echo(f"{why.reason.zh} / {why.reason.en}")
    for step in why.steps:
        click.echo(
            f"  {step.comparison.zh} / {step.comparison.en}: {step.finding.zh} / {step.finding.en}"
            f"  {step.weight:+.2f} → {step.total:+.2f}"
        )


def _print(made: Intake, out: Path) -> None:
    from jicheng.io.raw.lists import REASONS

    for one in made.inputs.lists:
        told = Counter(one.list.left_out.values())
        left = "，".join(f"{REASONS[why].zh} {n}" for why, n in told.items())
        place = f"{one.file.name} {one.list.sheet.name}".strip()
        label = one.list.place.kind.label
        click.echo(
            f"{place}：{label.zh} / {label.en}，读取 {len(one.list.rows)} 行 / rows"
            + (f"；未计 / left out: {left}" if left else "")
        )
    for folder in made.inputs.folders:
        n = sum(frame.height for frame in folder.as_tables().values())
        click.echo(f"{folder.source}：记录 / records {n:,}")
    for kind, counts in joined_counts(made).items():
        click.echo(
            f"{kind}：记录 / records {counts['records']:,} → {counts['entities']:,}；"
            f"按标识合并 / by identifier {counts['identifier']:,}，按相似合并 / by likeness "
            f"{counts['likeness']:,}，人工判定 / by a person {counts['person']:,}，"
            f"待核对 / to decide {counts['undecided']:,}，需问 / to ask {counts['asked']:,}"
            f"（{counts['engine']}）"
        )
    zone = made.zone
    click.echo("  ".join(f"{name} {frame.height:,}" for name, frame in zone.tables.items()))
    click.echo(f"高新区已写入 / zone written: {out}  {zone.content_hash[:12]}")
    if zone.is_sample:
        print_sample()
    print_faults([found for found in made.warnings if found.where.row is None])
    print_faults(list(zone.warnings))


def _print_carried(carried: Carried, path: str) -> None:
    """Tell per table how many stated rows went over into the new zone."""
    for table, n in carried.kept.items():
        click.echo(
            f"保留人工写入的内容 / stated rows carried over: {table} {n:,}，"
            f"未保留 / dropped {carried.dropped.get(table, 0):,}"
        )
    print_faults(list(carried.warnings(path)))


def joined_counts(made: Intake) -> dict[str, dict[str, int | str]]:
    """Return for each kind how many records became how many bodies, and by what."""
    from jicheng.intake.counts import joins_by

    counts: dict[str, dict[str, int | str]] = {}
    for found in made.resolved:
        joins = joins_by(found)
        counts[found.kind.noun.zh] = {
            "records": found.members.height,
            "entities": found.members[str(found.kind)].n_unique(),
            "identifier": joins["identifier"],
            "likeness": joins["likeness"],
            "person": joins["person"],
            "undecided": found.review.height,
            "asked": found.questions.height,
            "engine": found.engine,
        }
    return counts


def as_plain(made: Intake, out: Path) -> dict[str, object]:
    """Return what was read, joined and told, for programs."""
    return {
        "zone": str(out),
        "content_hash": made.zone.content_hash,
        "tables": {name: frame.height for name, frame in made.zone.tables.items()},
        "lists": [
            {
                "file": one.file.name,
                "sheet": one.list.sheet.name,
                "kind": one.list.kind,
                "rows": len(one.list.rows),
                "left_out": dict(Counter(str(why) for why in one.list.left_out.values())),
            }
            for one in made.inputs.lists
        ],
        "joined": joined_counts(made),
        "findings": made.findings.to_dicts(),
    }
