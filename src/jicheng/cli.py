"""The command line: thin commands over the library, Chinese first, English second.

Every command prints its errors in both languages, each with what to do, and ends
with exit code 2 for bad input, 1 for a check that failed, 0 otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

# One thread unless told: results and timings must not depend on the machine's cores.
for _name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ.setdefault(f"{_name}_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "1")

from jicheng import __version__  # noqa: E402 - the thread limits must be set first
from jicheng.cli_ask import ask  # noqa: E402 - the thread limits must be set first
from jicheng.cli_firms import complete_option  # noqa: E402
from jicheng.cli_label import label  # noqa: E402
from jicheng.cli_ladder import ladder, policies  # noqa: E402
from jicheng.cli_match import match  # noqa: E402
from jicheng.cli_output import (  # noqa: E402
    example,
    print_faults,
    print_frame,
    print_json,
    print_sample,
    print_table,
    spinner,
    stage_bars,
    told_errors,
)
from jicheng.cli_packs import rules  # noqa: E402
from jicheng.cli_points import points  # noqa: E402
from jicheng.cli_profile import profile  # noqa: E402
from jicheng.cli_reconcile import reconcile  # noqa: E402
from jicheng.cli_resolve import resolve  # noqa: E402
from jicheng.cli_rules import qualify  # noqa: E402
from jicheng.cli_sources import fetch, importers  # noqa: E402
from jicheng.cli_staffing import arrive, certify  # noqa: E402
from jicheng.errors import Fault, InvalidInput  # noqa: E402

if TYPE_CHECKING:
    from jicheng.zone import Zone

__all__ = ["main"]

_CONTENTS = (
    ("数据 / Data", ("sample", "template", "import", "resolve", "fetch", "check")),
    ("分析 / Analysis", ("chokepoints", "coverage", "plan")),
    ("匹配 / Matching", ("profile", "match", "label", "reconcile")),
    ("追问 / Questions", ("ask", "arrive")),
    ("规则 / Rules", ("points", "qualify", "ladder", "policies", "rules")),
    ("核验 / Assurance", ("verify", "certify", "diff", "settings")),
)


class _Contents(click.Group):
    """A group whose help reads like a table of contents."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by chapter."""
        for chapter, names in _CONTENTS:
            rows = [
                (name, command.get_short_help_str(limit=120))
                for name in names
                if (command := self.get_command(ctx, name)) is not None
            ]
            with formatter.section(chapter):
                formatter.write_dl(rows)


@click.group(
    cls=_Contents,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=example("jicheng sample demo-zone", "jicheng plan demo-zone -o demo-plan"),
)
@click.version_option(__version__, prog_name="jicheng")
def main() -> None:
    """集成：找出卡脖子技术，组织攻关力量，安排攻关资金。

    Jicheng: find a zone's chokepoint technologies, who can break them together,
    and what to fund with the money there is.
    """


main.add_command(ask)
main.add_command(arrive)
main.add_command(certify)
main.add_command(points)
main.add_command(qualify)
main.add_command(ladder)
main.add_command(policies)
main.add_command(rules)
main.add_command(resolve)
main.add_command(match)
main.add_command(label)
main.add_command(profile)


def _new_target(path: Path, *, replace: bool) -> None:
    if path.exists() and not replace:
        raise InvalidInput.of("E606", path=path)


_replace = click.option("--replace", is_flag=True, help="覆盖已有目标 / replace an existing target")
_zone_argument = click.argument("zone", type=click.Path(path_type=Path))


@main.command(epilog=example("jicheng sample demo-zone --scale small --seed 7"))
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--scale",
    type=click.Choice(["small", "zone", "raw"]),
    default="small",
    show_default=True,
    help="raw：五个原始 Excel 文件 / five raw Excel files",
)
@click.option("--seed", type=int, default=1, show_default=True)
@_replace
def sample(directory: Path, scale: str, seed: int, *, replace: bool) -> None:
    """生成示例高新区（虚构数据） / make a sample zone of made-up data."""
    from jicheng.sample import generate, write

    if scale == "raw":
        _write_raw(directory, replace=replace)
        return
    with (
        told_errors(),
        spinner(f"生成示例高新区 / making the sample zone ({scale}, seed {seed})"),
    ):
        _new_target(directory, replace=replace)
        made = generate(scale=scale, seed=seed)
        write(made, directory)
    _summarise(made.zone, directory)


def _write_raw(directory: Path, *, replace: bool) -> None:
    """Write the five raw files, and the truth in a folder beside theirs."""
    from jicheng.atomic import write_file
    from jicheng.io.csv_safe import write_csv
    from jicheng.sample import TRUTH_SUFFIX
    from jicheng.sample.raw import generate_raw

    with told_errors():
        _new_target(directory, replace=replace)
        made = generate_raw()
        for name, data in made.files.items():
            write_file(directory / name, data)
            click.echo(f"已写入 / written: {directory / name}")
        truth = directory.with_name(directory.name + TRUTH_SUFFIX)
        for name, frame in made.truth.as_tables().items():
            write_csv(frame, truth / f"{name}.csv")
    print_sample()


@main.command(epilog=example("jicheng template 高新区.xlsx"))
@click.argument("file", type=click.Path(path_type=Path))
@_replace
def template(file: Path, *, replace: bool) -> None:
    """生成 Excel 填报模板 / write the Excel template to fill in."""
    from jicheng.io import excel

    with told_errors():
        _new_target(file, replace=replace)
        excel.write_template(file)
    click.echo(f"模板已写入 / template written: {file}")


@main.group("import")
def import_() -> None:
    """导入外部数据 / import data from other sources."""


main.add_command(fetch)
main.add_command(reconcile)
for _importer in importers:
    import_.add_command(_importer)


@import_.command("eto", epilog=example("jicheng import eto eto-data chips --home CHN"))
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("zone", type=click.Path(path_type=Path))
@click.option("--home", default="CHN", show_default=True, help="视角国家 / home country")
@_replace
def import_eto(source: Path, zone: Path, home: str, *, replace: bool) -> None:
    """导入 ETO 芯片供应链数据 / import the ETO chip supply chain (both versions)."""
    from jicheng.io import eto

    with told_errors():
        _new_target(zone, replace=replace)
        made = eto.read(source, home=home)
        made.save(zone)
    _summarise(made, zone)


@import_.command(
    "excel", epilog=example("jicheng import excel 企业名单.xlsx my-zone --mapping 对照表.toml")
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("zone", type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    help="列名对照文件（TOML） / TOML file that maps your own columns",
)
@_replace
def import_excel(file: Path, zone: Path, mapping: Path | None, *, replace: bool) -> None:
    """导入 Excel 工作簿 / import an Excel workbook, with every fault listed."""
    from jicheng.io import excel

    with told_errors():
        _new_target(zone, replace=replace)
        try:
            made = excel.read(file, mapping=mapping)
        except InvalidInput as error:
            _mark_copy(file, error.faults, mapping)
            raise
        made.save(zone)
    _summarise(made, zone)


def _mark_copy(file: Path, faults: tuple[Fault, ...], mapping: Path | None) -> None:
    """Write an annotated copy beside the workbook, if it can be opened at all."""
    from jicheng.io import excel

    copy = file.with_name(f"{file.stem}.批注.xlsx")
    try:
        excel.annotate(file, faults, copy, mapping=mapping)
    except InvalidInput:
        return  # the faults themselves say why it cannot be opened
    click.echo(f"已在副本中标出错误 / faults are marked in a copy: {copy}", err=True)


@main.command(epilog=example("jicheng check my-zone"))
@_zone_argument
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def check(zone: Path, *, as_json: bool) -> None:
    """检查高新区数据 / check a zone for faults and say what each stage lacks."""
    from jicheng.plan.requirements import missing_for_stages

    with told_errors():
        loaded = _load(zone)
        faults = loaded.check()
    lacking = missing_for_stages(loaded)
    if as_json:
        print_json(
            {
                "faults": [_plain(found) for found in faults],
                "stages": lacking.to_dicts(),
                "content_hash": loaded.content_hash,
            }
        )
    else:
        _summarise(loaded, zone)
        print_faults(faults)
        for row in lacking.iter_rows(named=True):
            if row["missing"]:
                click.echo(f"{row['stage']}: 缺少 / lacks {row['missing']}")
                click.echo(f"    {row['consequence_zh']} / {row['consequence']}")
    if any(not found.is_warning for found in faults):
        raise SystemExit(1)


@main.command(
    epilog=example(
        "jicheng chokepoints chips --home CHN",
        "jicheng chokepoints chips --home CHN --scenario USA+JPN+NLD --json",
        "jicheng chokepoints chips --explain N20",
    )
)
@_zone_argument
@click.option("--home", help="视角国家，默认为高新区所在国家 / home country; default: the zone's")
@click.option("--scenario", help="all-foreign、baseline、情景名或 USA+JPN / scenario or coalition")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    help="设置文件 / settings file (see jicheng settings)",
)
@click.option("--seed", type=int, help="随机种子 / random seed")
@click.option("--explain", "technology", help="解释一项技术的全部数值 / explain one technology")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option("--csv", "as_csv", is_flag=True, help="输出 CSV / print CSV")
def chokepoints(
    zone: Path,
    home: str | None,
    scenario: str | None,
    settings_file: Path | None,
    seed: int | None,
    technology: str | None,
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    """找出卡脖子技术 / find chokepoint technologies, and how sure that is."""
    from jicheng.plan.settings import load_settings
    from jicheng.select.chokepoints import find_chokepoints

    with told_errors():
        settings = load_settings(settings_file, home=home, scenario=scenario, seed=seed)
        result = find_chokepoints(
            _load(zone),
            home=settings.home,
            scenario=settings.scenario,
            settings=settings.chokepoints,
        )
        explanation = result.explain(technology) if technology else None
    if explanation is not None:
        if as_json:
            print_json(explanation.as_plain())
        else:
            click.echo(explanation.as_text())
    elif as_json:
        print_json(result.table.to_dicts())
    elif as_csv:
        click.echo(result.table.write_csv(), nl=False)
    else:
        print_faults(list(result.warnings))
        click.echo(f"{result.scenario.label.zh} / {result.scenario.label.en}")
        print_table(
            result.table.sort("rank", nulls_last=True),
            "chokepoints",
            ("technology", "name", "verdict", "p_chokepoint", "vulnerability", "impact_mixed",
             "leader", "leader_share", "home_share", "evidence", "rank_low", "rank_high"),
        )  # fmt: skip


@main.command(
    epilog=example(
        "jicheng coverage my-zone tech:ic-track",
        "jicheng coverage my-zone tech:ic-track -m org:000012 -m org:000345",
    )
)
@_zone_argument
@click.argument("technology")
@click.option("-m", "--member", "members", multiple=True, help="成员组织编号 / id of a member")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def coverage(zone: Path, technology: str, members: tuple[str, ...], *, as_json: bool) -> None:
    """看一组组织共同覆盖哪些能力 / what named organisations jointly cover, and who is missing."""
    from jicheng.integrate.named_set import cover_named_set

    with told_errors():
        found = cover_named_set(_load(zone), technology, members)
    if as_json:
        print_json(found.as_plain())
        return
    print_frame(found.needs)
    if members:
        print_frame(found.margins)
    click.echo(
        f"覆盖度 / coverage {found.share:.1%} [{found.low:.1%}, {found.high:.1%}]，"
        f"单家最高 / best single {found.best_single:.1%}"
    )
    if members:
        click.echo(
            f"同规模随机组合（候选 {found.pool} 家）/ a random set of the {found.pool} in reach: "
            f"{found.random_expected:.1%}，全覆盖 / covers all {found.random_all:.2%}"
        )
    click.echo(f"最佳新增成员 / best next member: {found.next_member or '–'}")


@main.command(epilog=example("jicheng plan my-zone -o my-plan"))
@_zone_argument
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="输出目录 / output"
)
@click.option("--home", help="视角国家 / home country")
@click.option("--scenario", help="情景或国家联盟 / scenario or coalition")
@click.option(
    "--settings", "settings_file", type=click.Path(path_type=Path), help="设置文件 / settings"
)
@click.option("--seed", type=int, help="随机种子 / random seed")
@click.option(
    "--force-in",
    multiple=True,
    metavar="ID=理由",
    help="纳入某技术并说明理由 / force in, with reason",
)
@click.option(
    "--leave-out",
    multiple=True,
    metavar="ID=理由",
    help="排除某技术并说明理由 / leave out, with reason",
)
@complete_option
@_replace
def plan(
    zone: Path,
    out: Path,
    home: str | None,
    scenario: str | None,
    settings_file: Path | None,
    seed: int | None,
    force_in: tuple[str, ...],
    leave_out: tuple[str, ...],
    complete: tuple[str, ...],
    *,
    replace: bool,
) -> None:
    """运行全部阶段并生成报告 / run all stages and write tables, manifest and report."""
    from jicheng.plan import run_plan
    from jicheng.plan.settings import load_settings

    with told_errors():
        settings = load_settings(
            settings_file,
            home=home,
            scenario=scenario,
            seed=seed,
            forced_in=_reasons(force_in),
            left_out=_reasons(leave_out),
            complete_lists=complete,
        )
        with stage_bars() as progress:
            made = run_plan(zone, out, settings, progress=progress, replace=replace)
    for row in made.tables["stages"].iter_rows(named=True):
        line = f"{row['stage']}: {row['status']}"
        if row["missing"]:
            line += f"  缺少 / lacks {row['missing']}"
        click.echo(line)
    click.echo(f"报告 / report: {out / 'report.html'}")


@main.command(epilog=example("jicheng verify my-plan"))
@click.argument("out", type=click.Path(path_type=Path))
def verify(out: Path) -> None:
    """重新计算并核对方案 / recompute a plan and compare it with what was written."""
    from jicheng.plan import verify_plan

    with told_errors(), stage_bars() as progress:
        faults = verify_plan(out, progress=progress)
    print_faults(faults)
    if any(not found.is_warning for found in faults):
        raise SystemExit(1)
    click.echo("一致：重算结果与方案相同 / verified: recomputed and equal")


@main.command(epilog=example("jicheng diff plan-a plan-b"))
@click.argument("plan_a", type=click.Path(path_type=Path))
@click.argument("plan_b", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def diff(plan_a: Path, plan_b: Path, *, as_json: bool) -> None:
    """比较两个方案 / tell what changed between two plans, and why."""
    from jicheng.plan import diff_plans

    with told_errors():
        found = diff_plans(plan_a, plan_b)
    if as_json:
        print_json(found.as_plain())
    else:
        click.echo(found.as_text())


@main.command(epilog=example("jicheng settings > my-settings.toml"))
def settings() -> None:
    """列出全部设置及其依据 / print every setting with its provenance, as TOML."""
    from jicheng.plan.settings import settings_as_toml

    click.echo(settings_as_toml(), nl=False)


def _reasons(pairs: tuple[str, ...]) -> Mapping[str, str]:
    reasons: dict[str, str] = {}
    for pair in pairs:
        name, _, reason = pair.partition("=")
        if not reason.strip():
            raise InvalidInput.of("E608", text=pair)
        reasons[name.strip()] = reason.strip()
    return reasons


def _load(path: Path) -> Zone:
    from jicheng.zone import Zone

    return Zone.load(path)


def _summarise(zone: Zone, path: Path) -> None:
    counts = "  ".join(f"{name} {frame.height:,}" for name, frame in zone.tables.items())
    click.echo(f"{path}: {counts}")
    click.echo(f"快照 / snapshot {zone.content_hash[:16]}")
    if zone.is_sample:
        click.echo("示例数据，非真实情况 / sample data, not real")


def _plain(found: Fault) -> dict[str, Any]:
    return {
        "code": found.code,
        "where": str(found.where),
        "zh": found.message.zh,
        "en": found.message.en,
        "hint_zh": found.hint.zh,
        "hint_en": found.hint.en,
        "is_warning": found.is_warning,
    }
