"""The stages of a plan: what each runs, which tables it writes, which settings it reads."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from jicheng.errors import Text
from jicheng.evaluate.exposure import ExposureSettings, evaluate_exposure
from jicheng.integrate.challenges import form_challenges
from jicheng.integrate.consortia import form_consortia
from jicheng.integrate.found import also_found, found_texts
from jicheng.integrate.questions.rivals import RIVALS, rival_consortia
from jicheng.integrate.questions.tables import ANSWERS, answers_of
from jicheng.integrate.shared.stored import packed
from jicheng.optimise.portfolio import choose_portfolio
from jicheng.optimise.race import read_rivals
from jicheng.optimise.settings import PortfolioSettings
from jicheng.plan.folder import StageOutput
from jicheng.plan.joined import join_consortia
from jicheng.plan.rules.files import shipped_digest
from jicheng.plan.rules.stage import TABLES as RULE_TABLES
from jicheng.plan.rules.stage import apply_rules
from jicheng.plan.settings import PlanSettings
from jicheng.plan.staffing import POOL, sharing_summary, stamp_of
from jicheng.plan.toml_settings import as_plain
from jicheng.select.chokepoints import find_chokepoints
from jicheng.select.firms import systemic_firms
from jicheng.zone import Zone

__all__ = ["STAGES", "Stage", "StageContext", "portfolio_settings"]


def _no_progress(done: int, total: int) -> None:
    """Take no notice."""


@dataclass(frozen=True, slots=True)
class StageContext:
    """What a stage works on: the zone, the settings, the tables before it, and the folder."""

    zone: Zone
    settings: PlanSettings
    tables: Mapping[str, pl.DataFrame]
    folder: Path = field(default_factory=Path)
    progress: Callable[[int, int], None] = field(default=_no_progress)

    @property
    def home(self) -> str:
        """Country from which exposure is judged."""
        return self.settings.home or str(self.zone["zones"]["home"][0])


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a plan.

    Attributes
    ----------
    name : str
        As in ``schema/stages.csv``.
    label : Text
        For progress bars and the manifest.
    tables : tuple of str
        Tables of ``schema/plan/`` that it writes.
    settings : callable
        What of the settings it reads, as plain values: part of its resume key.
    run : callable
        The work.
    stands_alone : bool
        Whether it reads no table of an earlier stage and no later stage reads its own: then
        a change of its settings computes no other stage again.
    """

    name: str
    label: Text
    tables: tuple[str, ...]
    settings: Callable[[PlanSettings], Any]
    run: Callable[[StageContext], StageOutput]
    stands_alone: bool = False


def _chokepoints(context: StageContext) -> StageOutput:
    result = find_chokepoints(
        context.zone,
        home=context.settings.home,
        scenario=context.settings.scenario,
        settings=dataclasses.replace(context.settings.chokepoints, seed=context.settings.seed),
        progress=context.progress,
    )
    scenario = result.scenario
    decided = _with_decisions(result.table, context.settings)
    documents = {
        "scenario": {
            "id": scenario.name,
            "zh": scenario.label.zh,
            "en": scenario.label.en,
            "threshold_vulnerability": scenario.threshold_vulnerability,
            "threshold_impact": scenario.threshold_impact,
        },
        "explanations": {
            technology: result.explain(technology).as_plain()
            for technology in decided["technology"]
        },
    }
    return StageOutput({"chokepoints": decided}, documents, warnings=result.warnings)


def _with_decisions(table: pl.DataFrame, settings: PlanSettings) -> pl.DataFrame:
    """Write what people forced in or left out, and why, into the table."""
    decided = dict.fromkeys(settings.forced_in, "mandatory")
    decided |= dict.fromkeys(settings.left_out, "excluded")
    reasons = {**settings.forced_in, **settings.left_out}
    technology = pl.col("technology")
    return table.with_columns(
        technology.replace_strict(decided, default=None, return_dtype=pl.String).alias("forced"),
        technology.replace_strict(reasons, default=None, return_dtype=pl.String).alias("reason"),
    )


def _firms(context: StageContext) -> StageOutput:
    result = systemic_firms(context.zone, context.settings.firms)
    return StageOutput({"firms": result.table}, warnings=result.warnings)


def _rules(context: StageContext) -> StageOutput:
    result = apply_rules(
        context.zone,
        context.settings.rules,
        folder=context.folder,
        seed=context.settings.seed,
        progress=context.progress,
    )
    return StageOutput(result.tables, {"rule_packs": result.packs}, warnings=result.warnings)


def _consortia(context: StageContext) -> StageOutput:
    settings = context.settings
    formed = form_challenges(
        context.zone,
        context.tables["chokepoints"],
        settings.challenges,
        forced_in=settings.forced_in,
        left_out=settings.left_out,
    )
    alike = form_consortia(
        context.zone, formed.challenges, settings.consortia, progress=context.progress
    )
    joined = join_consortia(
        context.zone, formed.challenges, alike, portfolio_settings(context, formed.challenges)
    )
    result = joined.consortia
    statuses = dict(result.consortia["status"].value_counts().sort("status").iter_rows())
    stamp = stamp_of(context.zone.content_hash, settings, formed.challenges)
    pool = packed(result.staffing, stamp)
    rivals = rival_consortia(result.staffing, formed.challenges, settings.questions)
    return StageOutput(
        {
            "challenges": formed.challenges,
            "coverage": result.coverage,
            "consortia": result.consortia,
            "members": result.members,
            "assignment": result.assignment,
            "found": found_texts(context.zone, result.assignment),
            "also_found": also_found(
                context.zone,
                result.coverage,
                result.members,
                result.staffing.alone.binding,
                result.staffing.holdings,
            ),
            **rivals.tables,
            "joined": joined.table(),
            **answers_of(result.staffing, settings.questions, seed=settings.seed),
        },
        documents={
            "consortium_explanations": {
                challenge: result.explain(challenge).as_plain()
                for challenge in result.consortia["challenge"]
            }
        },
        files={f"{POOL}/{name}": content for name, content in pool.items()},
        warnings=(*formed.warnings, *result.warnings, *rivals.warnings),
        solver={
            "status": statuses,
            "sharing": sharing_summary(result.staffing),
            "points_per_share": joined.points_per_share,
            "wall_clock_stops": list(result.wall_clock_stops),
        },
    )


def _portfolio(context: StageContext) -> StageOutput:
    zone, tables = context.zone, context.tables
    settings = portfolio_settings(context, tables["challenges"])
    rivals = read_rivals(
        zone, tables["challenges"], tables["rival_members"], tables["rival_assignment"],
        use_r_fold_level=settings.use_r_fold_level,
    )  # fmt: skip
    result = choose_portfolio(
        zone,
        tables["challenges"],
        tables["consortia"],
        tables["members"],
        tables["assignment"],
        settings,
        rivals=rivals,
        progress=context.progress,
    )
    return StageOutput(
        {
            "portfolio": result.portfolio,
            "funding": result.funding,
            "front": result.front,
            "money": result.money,
            "value": result.value,
            "schedule": result.schedule,
            "cash": result.cash,
            "races": result.races,
            "overrun": result.overrun,
            "overrides": result.overrides,
            "sensitivity": result.sensitivity,
        },
        warnings=result.warnings,
        solver={
            "status": result.status,
            "bound": None if math.isnan(result.bound) else result.bound,
            "gap": None if math.isnan(result.gap) else result.gap,
            "wall_clock_stops": [f"{result.n_cut_short} solves"] if result.n_cut_short else [],
        },
    )


def portfolio_settings(context: StageContext, challenges: pl.DataFrame) -> PortfolioSettings:
    """Make what people forced in mandatory, with their reasons."""
    settings = _handed_down(context.settings.portfolio, context)
    forced = context.settings.forced_in
    rows = challenges.filter(pl.col("technology").is_in(list(forced)))
    technologies = dict(rows.select("challenge", "technology").iter_rows())
    return dataclasses.replace(
        settings,
        decisions={**settings.decisions, **dict.fromkeys(technologies, "mandatory")},
        reasons={**settings.reasons, **{c: forced[t] for c, t in technologies.items()}},
    )


def _exposure(context: StageContext) -> StageOutput:
    portfolio = context.tables["portfolio"]
    settings = _handed_down(context.settings.exposure, context)
    result = evaluate_exposure(context.zone, portfolio, settings)
    tables = {"exposure": result.exposure, "countries": result.countries}
    return StageOutput(tables, warnings=result.warnings)


Settings = TypeVar("Settings", PortfolioSettings, ExposureSettings)


def _handed_down(settings: Settings, context: StageContext) -> Settings:
    """Give a stage the home and the seed of the plan."""
    return dataclasses.replace(settings, home=context.home, seed=context.settings.seed)


STAGES: tuple[Stage, ...] = (
    Stage(
        "chokepoints",
        Text("选择：卡脖子分析", "select: chokepoints"),
        ("chokepoints",),
        lambda s: [s.home, s.scenario, s.seed, s.forced_in, s.left_out, as_plain(s.chokepoints)],
        _chokepoints,
    ),
    Stage(
        "firms",
        Text("选择：企业系统性风险", "select: systemic firms"),
        ("firms",),
        lambda s: as_plain(s.firms),
        _firms,
    ),
    Stage(
        "rules",
        Text("选择：积分、资质与政策", "select: points, titles and policies"),
        RULE_TABLES,
        lambda s: [s.seed, as_plain(s.rules), shipped_digest()],
        _rules,
        stands_alone=True,
    ),
    Stage(
        "consortia",
        Text("集成：覆盖与联合体", "integrate: coverage and consortia"),
        (
            "challenges",
            "coverage",
            "consortia",
            "members",
            "assignment",
            "found",
            "also_found",
            *RIVALS,
            "joined",
            *ANSWERS,
        ),
        lambda s: [
            s.seed,
            as_plain(s.challenges),
            as_plain(s.consortia),
            as_plain(s.questions),
            as_plain(s.portfolio) if s.portfolio.joined_rounds else None,
        ],
        _consortia,
    ),
    Stage(
        "portfolio",
        Text("优化：资助组合", "optimise: portfolio"),
        (
            "portfolio",
            "funding",
            "front",
            "money",
            "value",
            "schedule",
            "cash",
            "races",
            "overrun",
            "overrides",
            "sensitivity",
        ),
        lambda s: as_plain(s.portfolio),
        _portfolio,
    ),
    Stage(
        "exposure",
        Text("评价：方案前后", "evaluate: before and after"),
        ("exposure", "countries"),
        lambda s: as_plain(s.exposure),
        _exposure,
    ),
)
"""The stages in the order in which they run."""
