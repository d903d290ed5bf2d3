"""``jicheng match``: who could solve it and why, who is wanted where, who can use a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jicheng.cli_firms import output_option, refuse_target
from jicheng.cli_matcher import engine_option, open_matcher
from jicheng.cli_output import (
    SAMPLE,
    example,
    print_faults,
    print_json,
    print_sample,
    told_errors,
)
from jicheng.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

    from jicheng.integrate.match.batch import BatchResult
    from jicheng.integrate.match.gaps import OpeningsResult
    from jicheng.integrate.match.matcher import Matcher
    from jicheng.integrate.match.query import Query
    from jicheng.integrate.match.result import MatchResult
    from jicheng.zone import Zone

__all__ = ["match"]

_DECIDES = (
    "相近只用来找候选者，是否符合由规则判定（见“规则结论”列） / "
    "likeness only finds candidates; the rules decide (column “rules”)"
)


@dataclass(frozen=True)
class _Asked:
    """What a match is asked for."""

    challenge: tuple[str, ...]
    text: str | None
    organisation: str | None
    result: str | None
    policy: str | None
    every: bool

    def refuse_unclear(self) -> None:
        """Refuse none or several starting points."""
        given = [bool(self.challenge), self.text is not None, self.organisation is not None,
                 self.result is not None, self.policy is not None, self.every]  # fmt: skip
        if sum(given) != 1:
            raise InvalidInput.of("E062", count=sum(given))


@click.command(
    epilog=example(
        "jicheng match my-zone --challenge chal:ic-track",
        "jicheng match my-zone --challenge chal:ic-track --explain org:000304",
        "jicheng match my-zone --text '深紫外光刻用的低金属杂质树脂' --kind people",
        "jicheng match my-zone --all -n 5 --cap 2 -o 推荐.xlsx",
        "jicheng match my-zone --organisation org:000304",
    )
)
@click.argument("zone", type=click.Path(path_type=Path))
@click.option("--challenge", "challenges", multiple=True, metavar="编号",
              help="攻关项目或技术，可多个 / challenge or technology, may be repeated")  # fmt: skip
@click.option("--text", metavar="文字", help="用几句话写的需求 / a need in a few sentences")
@click.option("--organisation", metavar="编号",
              help="哪些项目缺它 / for which challenges it is wanted")  # fmt: skip
@click.option("--result", metavar="编号或文字", help="谁能用这项成果 / who can use a result")
@click.option("--policy", metavar="编号",
              help="政策的候选者及规则结论 / candidates of a policy")  # fmt: skip
@click.option("--all", "every", is_flag=True, help="全部攻关项目 / all challenges")
@click.option("--kind", type=click.Choice(["organisations", "people", "facilities", "all"]),
              default="organisations", show_default=True, help="找什么 / whom to find")  # fmt: skip
@click.option("-n", "count", type=click.IntRange(1, 1000), default=20, show_default=True,
              help="显示几名 / how many")  # fmt: skip
@click.option("--cap", type=click.IntRange(0), default=0, show_default=True,
              help="每家最多推荐给几个项目，0 为不限 / most challenges each")  # fmt: skip
@click.option("--diversity", type=click.FloatRange(0.0, 1.0), default=1.0, show_default=True,
              help="1 只看得分，0.7 兼顾多样 / 1 = score alone, 0.7 = varied list")  # fmt: skip
@click.option("--explain", "explained", metavar="编号", help="解释一个候选者 / explain a candidate")
@click.option("--why", "asked_why", metavar="编号", help="为何不在名单中 / why somebody is missing")
@click.option("--lead", is_flag=True, help="只要能牵头的 / only who may lead")
@click.option("--allow", multiple=True, metavar="类型",
              help="允许的组织类型（默认无投资、政府） / kinds that may")  # fmt: skip
@click.option("--in-zone", is_flag=True, help="仅区内 / in the zone only")
@click.option("--abroad", is_flag=True, help="含境外 / include abroad")
@click.option("--small", is_flag=True, help="仅小微企业 / small and micro firms only")
@click.option("--region", "regions", multiple=True, help="地区，可多个 / region")
@click.option("--since", type=click.IntRange(1900, 2200), help="只看该年以来的文本 / texts since")
@click.option("--exclude", multiple=True, metavar="编号", help="排除 / leave out")
@click.option("--weight", "weights", multiple=True, metavar="准则=权重",
              help="改准则的权重 / change the weight of a criterion")  # fmt: skip
@engine_option
@click.option("--plan", type=click.Path(path_type=Path),
              help="按该方案的联合体算缺口 / gaps of the plan's teams")  # fmt: skip
@output_option
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option("--replace", is_flag=True, help="覆盖已有文件 / replace an existing file")
def match(
    zone: Path,
    challenges: tuple[str, ...],
    text: str | None,
    organisation: str | None,
    result: str | None,
    policy: str | None,
    kind: str,
    count: int,
    cap: int,
    diversity: float,
    explained: str | None,
    asked_why: str | None,
    weights: tuple[str, ...],
    engine: str,
    plan: Path | None,
    out: Path | None,
    *,
    every: bool,
    as_json: bool,
    replace: bool,
    **limits: Any,
) -> None:
    """谁能解决、为什么；哪些项目缺谁 / who could solve a challenge, and why."""
    from jicheng.integrate.match.batch import match_all
    from jicheng.integrate.match.parties import Direction

    asked = _Asked(challenges, text, organisation, result, policy, every)
    with told_errors():
        asked.refuse_unclear()
        refuse_target(out, replace=replace)
        matcher = open_matcher(zone, engine=engine, weights=_weights(weights))
        if organisation is not None:
            told = _openings(matcher, organisation, plan)
            _print_openings(told, count, as_json=as_json)
            notes = [SAMPLE] if told.is_sample else []
            _save(out, {"challenges": told.table}, notes, aside=as_json)
            return
        queries = [_limited(one, **limits) for one in _queries(matcher.zone, asked)]
        direction = _direction(matcher.zone, policy) or Direction(kind)
        batch = match_all(matcher, queries, direction, n=count, cap=cap, diversity=diversity)
        rules = None if policy is None else _rules(matcher.zone, policy)
        if asked_why is not None:
            _tell([one.why(asked_why) for one in batch.results], batch, as_json=as_json)
        elif explained is not None:
            _tell([one.explain(explained) for one in batch.results], batch, as_json=as_json)
        elif as_json:
            print_json(_plain(batch, rules))
        else:
            _print_batch(batch, rules)
        if out is not None:
            _save_candidates(out, batch, rules, aside=as_json)


def _weights(pairs: Iterable[str]) -> dict[str, float]:
    """Read ``texts=0.5``."""
    weights = {}
    for pair in pairs:
        name, _, share = pair.partition("=")
        try:
            weights[name.strip()] = float(share)
        except ValueError as error:
            raise InvalidInput.of("E063", text=pair) from error
    return weights


def _queries(zone: Zone, asked: _Asked) -> list[Query]:
    from jicheng.integrate.match import query

    if asked.text is not None:
        return [query.query_of_text(asked.text)]
    if asked.result is not None:
        return [query.query_of_result(zone, asked.result)]
    if asked.policy is not None:
        return [query.query_of_policy(zone, asked.policy)]
    names = zone["challenges"]["id"].to_list() if asked.every else list(asked.challenge)
    if not names:
        raise InvalidInput.of("E060")
    return [query.query_of_challenge(zone, name) for name in dict.fromkeys(names)]


def _limited(query: Query, **limits: Any) -> Query:
    """Return a query under the limits of the command line."""
    from jicheng.schema import choices

    kinds = {label: one.value for one in choices()["organisation_kind"]
             for label in (one.value, one.label.zh, one.label.en)}  # fmt: skip
    unknown = [kind for kind in limits["allow"] if kind not in kinds]
    if unknown:
        known = ", ".join(one.value for one in choices()["organisation_kind"])
        raise InvalidInput.of("E064", kind=unknown[0], known=known)
    changes: dict[str, Any] = {
        "must_lead": limits["lead"], "in_zone": limits["in_zone"], "small_only": limits["small"],
        "regions": limits["regions"], "since": limits["since"] or 0,
        "excluded": limits["exclude"],
    }  # fmt: skip
    if limits["allow"]:
        changes["kinds"] = tuple(kinds[kind] for kind in limits["allow"])
    if limits["abroad"]:
        changes["allow_abroad"] = True
    return query.with_constraints(**changes)


def _direction(zone: Zone, policy: str | None) -> Any:
    """Return whom a policy benefits, as a list of candidates; None without a policy."""
    from jicheng.integrate.match.parties import Direction

    if policy is None:
        return None
    subject = dict(zone["policies"].select("id", "subject").iter_rows()).get(policy)
    people = subject in ("person", "team")
    return Direction.PEOPLE if people else Direction.ORGANISATIONS


def _rules(zone: Zone, policy: str) -> dict[str, str]:
    """Return what the rules say of each subject of a policy: eligible, nearly, open or not."""
    from jicheng.select.policies import match_policies

    found = match_policies(zone)
    rows = found.matches(("eligible", "nearly", "open", "not"), policies=[policy])
    return dict(rows.select("subject", "standing").iter_rows())


def _openings(matcher: Matcher, organisation: str, plan: Path | None) -> OpeningsResult:
    from jicheng.integrate.match.gaps import openings

    teams: dict[str, list[str]] | None = None
    if plan is not None:
        from jicheng.plan.folder import read_table

        file = plan / "tables" / "members.csv"
        if not file.is_file():
            raise InvalidInput.of("E065", plan=plan)
        rows = read_table(file).select("challenge", "organisation")
        teams = {}
        for challenge, member in rows.iter_rows():
            teams.setdefault(challenge, []).append(member)
    return openings(matcher, organisation, teams=teams)


def _plain(batch: BatchResult, rules: Mapping[str, str] | None) -> dict[str, Any]:
    plain = batch.as_plain()
    if len(batch.results) == 1:
        plain = plain["results"][0] | {"cap": plain["cap"]}
        if rules is not None:
            plain["note"] = _DECIDES
            for row in plain["candidates"]:
                row["rules"] = rules.get(row["candidate"])
    return plain


def _tell(told: Sequence[Any], batch: BatchResult, *, as_json: bool) -> None:
    """Print explanations in both languages."""
    is_sample = batch.results[0].matcher.zone.is_sample
    if as_json:
        plain = [one.as_plain() | {"is_sample": is_sample} for one in told]
        print_json(plain[0] if len(plain) == 1 else plain)
        return
    for one in told:
        click.echo(f"{one.as_text('zh')}\n\n{one.as_text('en')}\n")
    click.echo(_engines(batch.results[0].engines))
    if is_sample:
        print_sample()


def _engines(engines: Sequence[str]) -> str:
    told = " + ".join(engines) or "没有文本 / no texts"
    words = "" if len(engines) > 1 or not engines else (
        "（只按词语；安装语义引擎：pip install 'jicheng[semantic]' / "
        "words only: install semantic）"
    )  # fmt: skip
    return f"引擎 / engines: {told}{words}"


def _print_batch(batch: BatchResult, rules: Mapping[str, str] | None) -> None:
    print_faults(list(dict.fromkeys(w for one in batch.results for w in one.warnings)))
    for one in batch.results:
        _print_result(one, rules)
    if batch.cap:
        moved = batch.capped.height
        click.echo(
            f"每个候选者最多推荐给 {batch.cap} 个项目，因此移出 {moved} 处 / "
            f"nobody is proposed for more than {batch.cap}: {moved} places moved"
        )
    click.echo(_engines(batch.results[0].engines))
    if rules is not None:
        click.echo(_DECIDES)
    if batch.results[0].matcher.zone.is_sample:
        print_sample()


def _print_result(one: MatchResult, rules: Mapping[str, str] | None) -> None:
    from jicheng.cli_match_print import candidates, heading

    for line in heading(one):
        click.echo(line)
    candidates(one, rules)


def _print_openings(told: OpeningsResult, count: int, *, as_json: bool) -> None:
    if as_json:
        print_json(told.as_plain())
        return
    print_faults(list(told.warnings))
    for language in ("zh", "en"):
        name = told.name.in_language(language)
        click.echo(f"{name}（{told.organisation}）" if language == "zh" else f"\n{name}")
        for rank, one in enumerate(told.openings[:count], 1):
            head, *rest = one.as_text(language)
            click.echo("\n".join([f"{rank:3d}  {head}", *(f"   {line}" for line in rest)]))
    click.echo(_engines(told.engines))
    if told.is_sample:
        print_sample()


def _save_candidates(
    out: Path, batch: BatchResult, rules: Mapping[str, str] | None, *, aside: bool
) -> None:
    """Write the candidates as a list that can be handed on."""
    from jicheng.cli_match_sheet import candidate_sheets, notes_on

    notes = notes_on(batch, _engines(batch.results[0].engines))
    if rules is not None:
        notes.append(_DECIDES)
    _save(out, candidate_sheets(batch, rules), notes, aside=aside)


def _save(
    out: Path | None, tables: Mapping[str, pl.DataFrame], notes: Sequence[str], *, aside: bool
) -> None:
    """Write a workbook, or by its name the first table as CSV."""
    from jicheng.io.csv_safe import write_csv
    from jicheng.io.table_book import write_tables

    if out is None:
        return
    if out.suffix.lower() == ".csv":
        write_csv(next(iter(tables.values())), out)
    else:
        write_tables(out, tables, notes)
    click.echo(f"结果已写入 / written: {out}", err=aside)
