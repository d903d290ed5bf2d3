"""``jicheng profile``: what texts say that organisations and people can do."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jicheng.cli_matcher import engine_option
from jicheng.cli_output import example, print_faults, print_json, print_sample, told_errors
from jicheng.cli_profile_print import as_plain, print_level, print_profile
from jicheng.cli_profile_run import (
    ProfileRun,
    marked_sheet,
    progress_bar,
    read_kept_answers,
    refuse_sheet,
)
from jicheng.errors import InvalidInput

if TYPE_CHECKING:
    from jicheng.integrate.profile.profiling import ProfileResult
    from jicheng.integrate.profile.review import Refitted
    from jicheng.zone import Zone

__all__ = ["profile"]


@click.command(
    epilog=example(
        "jicheng profile my-zone",
        "jicheng profile my-zone -o my-zone-2 --engine words --threshold 0.6",
        "jicheng profile my-zone --explain org:000304",
        "jicheng profile my-zone --propose-needs 能力需求.xlsx",
        "jicheng profile my-zone --needs 能力需求.xlsx --who 张三",
        "jicheng profile my-zone --review 复核.xlsx",
        "jicheng profile my-zone --labels 复核.xlsx --who 张三",
    )
)
@click.argument("zone", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path),
              help="另存为，默认写回原处 / write here instead of in place")  # fmt: skip
@click.option("--taxonomy", type=click.Path(path_type=Path),
              help="自己的能力清单 / capabilities of your own: .csv, .xlsx")  # fmt: skip
@click.option("--threshold", type=float,
              help="多大把握才算证据 / least chance that counts as evidence [0.5]")  # fmt: skip
@engine_option
@click.option("--replace-derived", is_flag=True,
              help="更新以前推断的行 / renew rows that a profile wrote earlier")  # fmt: skip
@click.option("--explain", "explained", metavar="持有者[:能力]",
              help="说明水平从何而来 / why a level is what it is")  # fmt: skip
@click.option("--propose-needs", "proposed", type=click.Path(path_type=Path),
              help="提出技术所需能力，待人确认 / propose needs of technologies")  # fmt: skip
@click.option("--technology", "technologies", multiple=True, metavar="编号",
              help="只提这些技术，可多个 / propose for these only")  # fmt: skip
@click.option("--needs", "needs", type=click.Path(path_type=Path),
              help="读入已确认的需求 / read the needs that somebody confirmed")  # fmt: skip
@click.option("--review", "review", type=click.Path(path_type=Path),
              help="写出没有把握的文本，待人复核 / write uncertain texts for review")  # fmt: skip
@click.option("--labels", "labels", type=click.Path(path_type=Path),
              help="读入复核结果，并更新推断行 / read a review; renews derived rows")  # fmt: skip
@click.option("--who", help="确认人姓名 / who confirms")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option("--replace", is_flag=True, help="覆盖已有目标 / replace an existing target")
def profile(
    zone: Path,
    out: Path | None,
    taxonomy: Path | None,
    threshold: float | None,
    engine: str,
    explained: str | None,
    proposed: Path | None,
    technologies: tuple[str, ...],
    needs: Path | None,
    review: Path | None,
    labels: Path | None,
    who: str | None,
    *,
    replace_derived: bool,
    as_json: bool,
    replace: bool,
) -> None:
    """从文本推断能力、需求和联系 / derive capabilities, needs and ties from texts."""
    run = ProfileRun(zone, out, taxonomy, threshold, engine, replace)
    with told_errors():
        verbs = [explained, proposed, needs, review or labels]
        if sum(verb is not None for verb in verbs) > 1 or (review and labels):
            raise InvalidInput.of("E039")
        for sheet in (proposed, review):
            refuse_sheet(sheet, replace=replace)
        if explained is not None:
            _explain(run, explained, as_json=as_json)
        elif proposed is not None:
            _propose(run, proposed, technologies, as_json=as_json)
        elif needs is not None:
            _confirm(run, needs, who, as_json=as_json)
        else:
            _profile(run, review, labels, who, replace_derived=replace_derived, as_json=as_json)


def _profile(
    run: ProfileRun,
    review: Path | None,
    labels: Path | None,
    who: str | None,
    *,
    replace_derived: bool,
    as_json: bool,
) -> None:
    import dataclasses

    import polars as pl

    from jicheng.integrate.profile.profiling import profile as derive
    from jicheng.integrate.profile.profiling import with_capabilities
    from jicheng.integrate.profile.review import read_labels, refitted, uncertain_texts
    from jicheng.io import answer_sheet, profile_sheets

    zone = run.load()
    if not zone["texts"].height:
        raise InvalidInput.of("E042")
    classifier = run.classifier(zone, zone["texts"].height)
    known = read_kept_answers(run.path)
    if labels is not None:
        whole = with_capabilities(zone, classifier.capabilities)
        with marked_sheet(labels, profile_sheets.REVIEW, ("text", "capability", "confirm")) as read:
            said = read_labels(whole, read.table, read.where, who=who, on=_today())
        known = pl.concat([known, said])
    fitted: Refitted | None = None
    if known.height:
        fitted = refitted(zone, classifier, known)
        classifier = dataclasses.replace(classifier, calibration=fitted.calibration)
    with progress_bar("读文本 / reading texts") as progress:
        made = derive(
            zone, classifier, on=_today(), answers=known, progress=progress,
            replace_derived=replace_derived or labels is not None,  # a refusal takes away
        )  # fmt: skip
    if review is not None:
        answer_sheet.write_questions(
            review, "复核 review", profile_sheets.REVIEW,
            uncertain_texts(made.zone, classifier, made.labels, known), profile_sheets.REVIEW_NOTES,
        )  # fmt: skip
    target = run.save(made.zone, known)
    print_faults([*made.warnings, *(fitted.warnings if fitted else ())])
    if as_json:
        print_json(as_plain(made, target, fitted))
        return
    print_profile(made, fitted)
    if review is not None:
        click.echo(f"待复核 / to review: {review}")
    click.echo(f"已写入 / written: {target}")


def _today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.UTC).astimezone().date()


def _propose(run: ProfileRun, sheet: Path, technologies: tuple[str, ...], *, as_json: bool) -> None:
    from jicheng.integrate.profile.needs import propose_needs
    from jicheng.io import answer_sheet, profile_sheets
    from jicheng.zone import Zone

    zone = Zone.load(run.path)
    classifier = run.classifier(zone, zone["technologies"].height)
    found = propose_needs(zone, classifier, classifier.settings, technologies)
    print_faults(classifier.faults)
    answer_sheet.write_questions(
        sheet, "能力需求 needs", profile_sheets.NEEDS, found, profile_sheets.NEEDS_NOTES
    )
    if as_json:
        print_json({"engine": classifier.engine, "proposals": found.to_dicts()})
        return
    if zone.is_sample:
        print_sample()
    n = found["technology"].n_unique()
    click.echo(f"引擎 / engine: {classifier.engine}")
    click.echo(f"为 {n} 项技术提出 {found.height} 项需求，确认后才会写入 / proposals for {n} "
               f"technologies; none enters the zone unconfirmed: {sheet}")  # fmt: skip


def _confirm(run: ProfileRun, sheet: Path, who: str | None, *, as_json: bool) -> None:
    from jicheng.integrate.profile.needs import confirm_needs
    from jicheng.integrate.profile.profiling import capabilities_for, with_capabilities
    from jicheng.io import profile_sheets
    from jicheng.io.capability_list import read_capabilities

    zone = run.load()
    capabilities = (
        capabilities_for(zone)[0] if run.taxonomy is None else read_capabilities(run.taxonomy)
    )
    whole = with_capabilities(zone, capabilities)
    needed = ("technology", "capability", "confirm")
    with marked_sheet(sheet, profile_sheets.NEEDS, needed) as read:
        made = confirm_needs(whole, read.table, read.where, who=who, on=_today())
    derived = _derive(run, made.zone) if zone["texts"].height else None
    if derived is not None or made.new.height or made.n_removed:
        whole = made.zone if derived is None else derived.zone
        run.save(whole, read_kept_answers(run.path))
    print_faults([*made.warnings, *(derived.warnings if derived else ())])
    if as_json:
        plain = {"new": made.new.to_dicts(), "refused": made.n_refused, "open": made.n_open,
                 "kept": made.n_kept, "removed": made.n_removed}  # fmt: skip
        print_json(plain | ({"profile": dict(derived.counts)} if derived else {}))
        return
    click.echo(
        f"需求 / needs: 写入 / written {made.new.height}，否 / refused {made.n_refused}，"
        f"未答 / unanswered {made.n_open}，原已有 / there before {made.n_kept}，"
        f"撤回 / removed {made.n_removed}"
    )
    if derived is not None:
        print_profile(derived, None)


def _derive(run: ProfileRun, zone: Zone) -> ProfileResult:
    """Derive what the texts of a zone tell, with the answers that people gave so far."""
    import dataclasses

    from jicheng.integrate.profile.profiling import profile as derive
    from jicheng.integrate.profile.review import refitted

    classifier = run.classifier(zone, zone["texts"].height)
    known = read_kept_answers(run.path)
    if known.height:
        fitted = refitted(zone, classifier, known)
        classifier = dataclasses.replace(classifier, calibration=fitted.calibration)
    with progress_bar("读文本 / reading texts") as progress:
        return derive(zone, classifier, on=_today(), answers=known, progress=progress)


def _explain(run: ProfileRun, asked: str, *, as_json: bool) -> None:
    from jicheng.integrate.profile.explanation import explain, read_asked
    from jicheng.integrate.profile.profiling import year_of
    from jicheng.zone import Zone

    zone = Zone.load(run.path)
    holder, capability = read_asked(asked, zone)
    told = explain(zone, holder, capability, year=year_of(zone, _today()))
    if as_json:
        print_json([one.as_plain() for one in told])
        return
    if zone.is_sample:
        print_sample()
    for one in told:
        print_level(one)
