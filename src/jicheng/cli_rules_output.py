"""What the commands ``points`` and ``qualify`` share: their options, files and remarks."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jicheng.cli_firms import Firms, refuse_target
from jicheng.cli_output import print_faults, print_json, print_sample

if TYPE_CHECKING:
    import polars as pl

    from jicheng.errors import Text
    from jicheng.io.firm_list.findings import Findings
    from jicheng.rules.pack.model import Pack
    from jicheng.rules.score.evaluate import Evaluation

__all__ = [
    "explain_option",
    "findings_of",
    "json_option",
    "language_option",
    "mark_of",
    "plain_rows",
    "print_explanations",
    "print_list_notes",
    "print_more",
    "replace_option",
    "required",
    "shown_option",
    "source_argument",
    "template_option",
    "write_firm_template",
    "write_results",
]

_SHOWN = 20

source_argument = click.argument("source", required=False, type=click.Path(path_type=Path))
template_option = click.option(
    "--template",
    type=click.Path(path_type=Path),
    help="写出填报模板后退出 / write the template to fill in, and stop",
)
explain_option = click.option(
    "--explain", "subject", metavar="企业", help="解释一家企业：编号、代码或名称 / explain one firm"
)
shown_option = click.option(
    "-n", "shown", type=click.IntRange(0), default=_SHOWN, show_default=True,
    help="显示几家 / firms shown",
)  # fmt: skip
language_option = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
    help="结果表中理由的语言 / language of reasons in the file",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
replace_option = click.option(
    "--replace", is_flag=True, help="覆盖已有文件 / replace existing files"
)


def required(source: Path | None) -> Path:
    """Return the zone or list that a command needs."""
    if source is None:
        raise click.UsageError("请给出高新区或企业名单 / name a zone or a list of firms")
    return source


def write_firm_template(
    path: Path, packs: Sequence[Pack], year: int | None, *, replace: bool
) -> None:
    """Write the list to fill in for some packs, by default for the latest complete year."""
    from jicheng.io import firm_list

    refuse_target(path, replace=replace, endings=(".xlsx",))
    last = datetime.datetime.now(tz=datetime.UTC).year - 1  # the latest complete year
    firm_list.write_template(path, packs, last if year is None else year)
    click.echo(f"模板已写入 / template written: {path}")


def findings_of(evaluations: Sequence[Evaluation]) -> list[Findings]:
    """Return what packs say of each firm in a few words."""
    from jicheng.io.firm_list.findings import Findings

    return [Findings(one) for one in evaluations]


def write_results(
    out: Path,
    evaluations: Sequence[Evaluation],
    firms: Firms,
    language: str,
    *,
    ranks: pl.DataFrame | None = None,
) -> None:
    """Write a workbook, or by its name a CSV file with a row a firm and pack.

    ``ranks`` are those of the one pack of points, if it is one.
    """
    from jicheng.io import firm_list
    from jicheng.io.csv_safe import write_csv

    if out.suffix.lower() == ".csv":
        told = _table(findings_of(evaluations))
        write_csv(told if ranks is None else _ranked(told, ranks), out)
        if firms.is_sample:
            print_sample(aside=True)
    else:
        firm_list.write_scored(
            out,
            evaluations,
            rows=firms.rows,
            ranks=None if ranks is None else {evaluations[0].pack.key: ranks},
            language="en" if language == "en" else "zh",
        )


def _ranked(told: pl.DataFrame, ranks: pl.DataFrame) -> pl.DataFrame:
    """Return what is told of firms, with their points and places; nobody passes or fails."""
    if told.is_empty():
        return ranks
    words = told.select("subject", "name", "pack", "has_demo_weights",
                        "missing_zh", "missing_en", "reasons_zh", "reasons_en")  # fmt: skip
    joined = ranks.drop("is_demo").join(words, on="subject", how="left", maintain_order="left")
    first = ("subject", "name", "pack")
    return joined.select(*first, *(name for name in joined.columns if name not in first))


def plain_rows(findings: Sequence[Findings]) -> Iterator[dict[str, Any]]:
    """Yield one plain row a firm and pack, by firm."""
    facts = findings[0].evaluation.facts
    names = facts.names if facts.names is not None else facts.subjects
    for firm in range(facts.n):
        for one in findings:
            pack, found = one.evaluation.pack, one.of(firm)
            yield {
                "subject": facts.subjects[firm],
                "name": names[firm],
                "pack": pack.key,
                "year": facts.year,
                "verdict": found.verdict,
                "low": found.low,
                "high": found.high,
                "is_draft": one.evaluation.is_draft,
                "has_demo_weights": one.evaluation.has_demo_weights,
                "missing": [_both(text) for text in found.missing],
                "reasons": [_both(text) for text in found.reasons],
            }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _table(findings: Sequence[Findings]) -> pl.DataFrame:
    import polars as pl

    rows = []
    for row in plain_rows(findings):
        for name in ("missing", "reasons"):
            told = row.pop(name)
            row |= {f"{name}_{k}": "; ".join(text[k] for text in told) for k in ("zh", "en")}
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def print_list_notes(firms: Firms) -> None:
    """Print what in a list is worth a second look, and which columns it lacks."""
    if firms.rows is None:
        return
    print_faults(firms.rows.warnings)
    if firms.rows.lacking:
        named = "、".join(column.heading.zh for column in firms.rows.lacking[:6])
        count = len(firms.rows.lacking)
        click.echo(f"名单缺少 {count} 列 / columns that the list lacks: {named} ……", err=True)


def print_more(firms: Firms, shown: int) -> None:
    """Print how many firms were not shown, and that made-up ones are."""
    if firms.facts.n > shown:
        more = firms.facts.n - shown
        click.echo(f"另有 {more} 家，用 -o 或 --json 取得全部 / {more} more firms: -o or --json")
    if firms.is_sample:
        print_sample()


def mark_of(evaluation: Evaluation) -> str:
    """Return the mark of rules that are a draft, or of weights that nobody issued."""
    mark = "  草案 draft" if evaluation.is_draft else ""
    return mark + ("，演示权重 demo weights" if evaluation.has_demo_weights else "")


def print_explanations(
    evaluations: Sequence[Evaluation], firms: Firms, subject: str, *, as_json: bool
) -> None:
    """Explain what each pack says of one firm."""
    from jicheng.rules.score.explanation import explain

    place = firms.place_of(subject)
    told = [explain(one, place, zone=firms.zone) for one in evaluations]
    if as_json:
        print_json([one.as_plain() | {"is_sample": firms.is_sample} for one in told])
        return
    click.echo("\n\n".join(one.as_text() for one in told))
    if firms.is_sample:
        print_sample()
