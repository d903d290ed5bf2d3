"""``jicheng profile``: what texts say that organisations and people can do."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jicheng.cli_output import (
    example,
    print_faults,
    print_frame,
    print_json,
    print_sample,
    stage_bars,
    told_errors,
)
from jicheng.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

    from jicheng.integrate.profile.classify import Classifier
    from jicheng.integrate.profile.explanation import Explained
    from jicheng.integrate.profile.profiling import ProfileResult
    from jicheng.integrate.profile.review import Refitted
    from jicheng.io.answer_sheet import Answers, Question
    from jicheng.zone import Zone

__all__ = ["profile"]

_MOST_E5 = 2_000  # texts up to which the slower, better engine is used too unless told
_SHOWN = 12
_LABELS = "text-labels.csv"
_SHEETS = (".xlsx", ".csv")


@dataclass(frozen=True)
class _Run:
    """A zone, and how its texts are to be read."""

    path: Path
    out: Path | None
    taxonomy: Path | None
    threshold: float | None
    engine: str
    replace: bool

    def load(self) -> Zone:
        """Read the zone; refuse an output that is there, before anything is computed."""
        from jicheng.zone import Zone

        if self.out is not None and self.out.exists() and not self.replace:
            raise InvalidInput.of("E606", path=self.out)
        if self.out is None and not self.path.is_dir():
            raise InvalidInput.of("E035", path=self.path.name)
        return Zone.load(self.path)

    def save(self, zone: Zone, answers: pl.DataFrame) -> Path:
        """Write the zone whole or not at all, in the form in which it was.

        What people said of its texts is added before, beside it and beside the one read.
        """
        from jicheng.integrate.profile.answers import keep_answers
        from jicheng.io.beside import beside

        target = self.out or self.path
        places = dict.fromkeys(beside(path, _LABELS) for path in (self.path, target))
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
        keep_answers(list(places), answers)
        is_parquet = target.is_dir() and any(target.glob("*.parquet"))
        zone.save(target, form="parquet" if is_parquet else "csv")
        return target

    def classifier(self, zone: Zone, n_texts: int) -> Classifier:
        """Make the classifier, with a bar while capabilities are encoded for the first time."""
        from jicheng.integrate.profile.classify import Classifier
        from jicheng.integrate.profile.profiling import capabilities_for
        from jicheng.integrate.profile.settings import ProfileSettings, check_settings
        from jicheng.io.beside import beside
        from jicheng.io.capability_list import read_capabilities
        from jicheng.retrieval import RetrievalSettings
        from jicheng.retrieval.cache import VectorCache
        from jicheng.retrieval.embedding import installed_embedders, missing_engines

        settings = ProfileSettings()
        if self.threshold is not None:
            settings = ProfileSettings(threshold=self.threshold)
        check_settings(settings)
        if self.taxonomy is not None:
            capabilities = read_capabilities(self.taxonomy)
        else:
            capabilities, told = capabilities_for(zone)
            print_faults(told)
        retrieval = RetrievalSettings(engines=_engines(self.engine, n_texts))
        engines = installed_embedders(retrieval)
        print_faults(missing_engines(retrieval, engines))
        cache = VectorCache(beside(self.path, "index") / "vectors")
        with _bar("读入能力清单 / reading capabilities") as progress:
            return Classifier.of(capabilities, engines, cache, settings=settings, progress=progress)


def _engines(asked: str, n_texts: int) -> tuple[str, ...]:
    if asked == "words":
        return ()
    if asked == "use" or (asked == "auto" and n_texts > _MOST_E5):
        return ("use",)
    return ("use", "e5")


@contextmanager
def _bar(label: str) -> Iterator[Any]:
    with stage_bars() as bars:
        yield lambda done, total: bars(label, done, total)


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
@click.option("--engine", type=click.Choice(["auto", "words", "use", "use+e5"]), default="auto",
              show_default=True, help="归类引擎 / what classifies")  # fmt: skip
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
    run = _Run(zone, out, taxonomy, threshold, engine, replace)
    with told_errors():
        verbs = [explained, proposed, needs, review or labels]
        if sum(verb is not None for verb in verbs) > 1 or (review and labels):
            raise InvalidInput.of("E039")
        for sheet in (proposed, review):
            _refuse_sheet(sheet, replace=replace)
        if explained is not None:
            _explain(run, explained, as_json=as_json)
        elif proposed is not None:
            _propose(run, proposed, technologies, as_json=as_json)
        elif needs is not None:
            _confirm(run, needs, who, as_json=as_json)
        else:
            _profile(run, review, labels, who, replace_derived=replace_derived, as_json=as_json)


def _refuse_sheet(path: Path | None, *, replace: bool) -> None:
    if path is None:
        return
    if path.exists() and not replace:
        raise InvalidInput.of("E606", path=path)
    if path.suffix.lower() not in _SHEETS:
        raise InvalidInput.of("E953", path=path.name, endings=", ".join(_SHEETS))


def _profile(
    run: _Run,
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
    known = _read_answers(run.path)
    if labels is not None:
        whole = with_capabilities(zone, classifier.capabilities)
        with _marked(labels, profile_sheets.REVIEW, ("text", "capability", "confirm")) as read:
            said = read_labels(whole, read.table, read.where, who=who, on=_today())
        known = pl.concat([known, said])
    fitted: Refitted | None = None
    if known.height:
        fitted = refitted(zone, classifier, known)
        classifier = dataclasses.replace(classifier, calibration=fitted.calibration)
    with _bar("读文本 / reading texts") as progress:
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
        print_json(_plain(made, target, fitted))
        return
    _tell(made, fitted)
    if review is not None:
        click.echo(f"待复核 / to review: {review}")
    click.echo(f"已写入 / written: {target}")


def _today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.UTC).astimezone().date()


def _read_answers(zone: Path) -> pl.DataFrame:
    """Return what people said of the texts of a zone so far."""
    from jicheng.integrate.profile.answers import read_answers
    from jicheng.io.beside import beside

    return read_answers(beside(zone, _LABELS))


@contextmanager
def _marked(
    path: Path, questions: tuple[Question, ...], needed: tuple[str, ...]
) -> Iterator[Answers]:
    """Read a sheet; if its answers are refused, mark the wrong cells in a copy."""
    from jicheng.io.answer_sheet import mark_faults, read_answers

    read = read_answers(path, questions, needed)
    try:
        yield read
    except InvalidInput as error:
        if path.suffix.lower() != ".csv" and any(found.where.row for found in error.faults):
            copy = path.with_name(f"{path.stem}.批注.xlsx")
            mark_faults(path, error.faults, read.layout, copy)
            click.echo(f"已在副本中标出错误 / faults are marked in a copy: {copy}", err=True)
        raise


def _propose(run: _Run, sheet: Path, technologies: tuple[str, ...], *, as_json: bool) -> None:
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


def _confirm(run: _Run, sheet: Path, who: str | None, *, as_json: bool) -> None:
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
    with _marked(sheet, profile_sheets.NEEDS, needed) as read:
        made = confirm_needs(whole, read.table, read.where, who=who, on=_today())
    derived = _derive(run, made.zone) if zone["texts"].height else None
    if derived is not None or made.new.height:
        whole = made.zone if derived is None else derived.zone
        run.save(whole, _read_answers(run.path))
    print_faults([*made.warnings, *(derived.warnings if derived else ())])
    if as_json:
        plain = {"new": made.new.to_dicts(), "refused": made.n_refused, "open": made.n_open,
                 "kept": made.n_kept}  # fmt: skip
        print_json(plain | ({"profile": dict(derived.counts)} if derived else {}))
        return
    click.echo(
        f"需求 / needs: 写入 / written {made.new.height}，否 / refused {made.n_refused}，"
        f"未答 / unanswered {made.n_open}，原已有 / there before {made.n_kept}"
    )
    if derived is not None:
        _tell(derived, None)


def _derive(run: _Run, zone: Zone) -> ProfileResult:
    """Derive what the texts of a zone tell, with the answers that people gave so far."""
    import dataclasses

    from jicheng.integrate.profile.profiling import profile as derive
    from jicheng.integrate.profile.review import refitted

    classifier = run.classifier(zone, zone["texts"].height)
    known = _read_answers(run.path)
    if known.height:
        fitted = refitted(zone, classifier, known)
        classifier = dataclasses.replace(classifier, calibration=fitted.calibration)
    with _bar("读文本 / reading texts") as progress:
        return derive(zone, classifier, on=_today(), answers=known, progress=progress)


def _explain(run: _Run, asked: str, *, as_json: bool) -> None:
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
        _tell_level(one)


def _tell_level(one: Explained) -> None:
    """Print a level with the texts behind it."""
    click.echo(f"{one.holder_name}（{one.holder}） · {one.capability_name}（{one.capability}）")
    click.echo(f"  水平 / level {one.level:.2f} [{one.low:.2f}, {one.high:.2f}]")
    if one.stated is not None:
        low, level, high = ("–" if end is None else f"{end:.2f}" for end in one.stated)
        source = one.stated_source or "来源不明 / no source"
        click.echo(f"  填报（以此为准）/ stated, stands: {level} [{low}, {high}]  {source}")
    total = sum(ground.adds for ground in one.grounds)
    click.echo(f"  强度 / strength {total:.2f}；水平 = 1 - exp(-强度 / {one.scale:g})")
    for ground in one.grounds[:_SHOWN]:
        age = "年份不详 / no year" if ground.age is None else f"{ground.age:.0f} 年 / years old"
        click.echo(
            f"  + {ground.adds:.2f}  {ground.text} {ground.title[:60]}"
            f"  〔{ground.kind.zh} / {ground.kind.en}，权重 / weight {ground.weight:g} x "
            f"{ground.share:g}，{age}，把握 / chance {ground.chance:.2f}〕"
        )
        if ground.sentence:
            click.echo(f"          “{ground.sentence[:160]}”")
    if len(one.grounds) > _SHOWN:
        click.echo(f"  …… 共 {len(one.grounds)} 个文本 / {len(one.grounds)} texts in all")


def _plain(made: ProfileResult, target: Path, fitted: Refitted | None) -> dict[str, Any]:
    return {
        "zone": str(target),
        "engine": made.engine,
        "model": made.model,
        "is_sample": made.zone.is_sample,
        "counts": dict(made.counts),
        "holdings": made.holdings.to_dicts(),
        "refitted_on": None if fitted is None or fitted.warnings else fitted.n_texts,
        "warnings": [found.code for found in made.warnings],
    }


def _tell(made: ProfileResult, fitted: Refitted | None) -> None:
    """Print what a profile found."""
    import polars as pl

    count = made.counts
    if made.zone.is_sample:
        print_sample()
    said = max(1, count["texts"] - count["empty"])
    click.echo(f"引擎 / engine: {made.engine}（{made.origin.zh} / {made.origin.en}）")
    if fitted is not None and not fitted.warnings:
        click.echo(
            f"按本区 {fitted.n_texts} 个答复重新校准 / refitted on {fitted.n_texts} texts: "
            f"对数损失 / log loss {fitted.before:.2f} → {fitted.after:.2f}"
            "（同一批答复 / on the same answers）"
        )
    click.echo(
        f"文本 / texts {count['texts']:,}：归类 / classified {count['classified']:,}，"
        f"不属任何能力 / none of these {count['none']:,}（{count['none'] / said:.0%}），"
        f"未定 / undecided {count['undecided']:,}（{count['undecided'] / said:.0%}），"
        f"请人复核 / to ask about {count['unsure']:,}，无内容 / empty {count['empty']:,}，"
        f"无归属 / nobody's {count['homeless']:,}"
    )
    click.echo(f"证据 / evidence: 新增 / new {count['evidence']:,}")
    click.echo(
        f"能力持有 / holdings: 新增 / new {count['new']:,}，更新 / replaced {count['replaced']:,}，"
        f"一致 / kept {count['kept']:,}，与填报不符 / conflicting {count['conflict']:,}，"
        f"与以前推断不同 / differing from earlier {count['earlier']:,}，"
        f"撤回 / removed {count['removed']:,}"
    )
    click.echo(f"联系 / ties: {count['ties']:,}，原有保留 / stated before {count['ties_kept']:,}")
    conflicts = made.holdings.filter(pl.col("outcome") == "conflict").drop("outcome")
    if conflicts.height:
        print_frame(conflicts.head(_SHOWN))
