"""Settings of a whole plan: those of every stage, in one file.

What concerns the plan as a whole (home, scenario, seed, what people force in or leave
out) stands at the top and is handed down to the stages; a stage's own table holds the
rest. ``jicheng settings`` prints all of it with labels and provenance.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from jicheng.evaluate.exposure import ExposureSettings
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.settings import ChallengeSettings, ConsortiumSettings
from jicheng.optimise.settings import PortfolioSettings
from jicheng.plan.rules.settings import RuleSettings
from jicheng.plan.toml_settings import as_plain, read_settings
from jicheng.schema import Parameter, parameters
from jicheng.select.firms import FirmsSettings
from jicheng.select.settings import ChokepointSettings

__all__ = [
    "HANDED_DOWN",
    "PARAMETER_FILES",
    "PlanSettings",
    "SolverSettings",
    "load_settings",
    "settings_as_toml",
]

PARAMETER_FILES: Mapping[str, str] = {
    "chokepoints": "select",
    "firms": "select",
    "rules": "select",
    "challenges": "integrate",
    "consortia": "integrate",
    "questions": "integrate",
    "portfolio": "optimise",
    "exposure": "evaluate",
}
"""Which file of ``schema/parameters/`` describes the settings of each stage."""

HANDED_DOWN = frozenset({"home", "seed", "decisions", "reasons"})
"""Names that a stage takes from the plan and that its own table does not set."""


@dataclass(frozen=True, slots=True)
class SolverSettings:
    """Which solver the plan uses.

    Attributes
    ----------
    backend : str
        ``highs``, ``scip`` (an optional extra), or one that an installed package offers.
    """

    backend: str = "highs"


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """Settings of all stages of a plan.

    Attributes
    ----------
    home : str, optional
        Country from which exposure is judged; default the zone's home.
    scenario : str, optional
        Scenario of the chokepoint analysis; default by what the zone holds.
    seed : int
        Seed of every random draw.
    forced_in, left_out : mapping of str to str
        Technology id to the reason why a person forces it in or leaves it out.
    solver : SolverSettings
        For every program of every stage.
    chokepoints, firms, rules, challenges, consortia, questions, portfolio, exposure
        Settings of the stages.
    """

    home: str | None = None
    scenario: str | None = None
    seed: int = 1
    forced_in: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    solver: SolverSettings = field(default_factory=SolverSettings)
    chokepoints: ChokepointSettings = field(default_factory=ChokepointSettings)
    firms: FirmsSettings = field(default_factory=FirmsSettings)
    rules: RuleSettings = field(default_factory=RuleSettings)
    challenges: ChallengeSettings = field(default_factory=ChallengeSettings)
    consortia: ConsortiumSettings = field(default_factory=ConsortiumSettings)
    questions: QuestionSettings = field(default_factory=QuestionSettings)
    portfolio: PortfolioSettings = field(default_factory=PortfolioSettings)
    exposure: ExposureSettings = field(default_factory=ExposureSettings)


def load_settings(
    file: Path | None = None,
    *,
    home: str | None = None,
    scenario: str | None = None,
    seed: int | None = None,
    forced_in: Mapping[str, str] | None = None,
    left_out: Mapping[str, str] | None = None,
    complete_lists: Sequence[str] = (),
) -> PlanSettings:
    """Read settings from a file, and let what is given here beat it.

    Raises
    ------
    InvalidInput
        E601-E603 for every fault of the file.
    """
    settings = read_settings(file, PlanSettings) if file else PlanSettings()
    given: dict[str, Any] = {"home": home, "scenario": scenario, "seed": seed}
    changes = {name: value for name, value in given.items() if value is not None}
    if complete_lists:
        changes["rules"] = dataclasses.replace(settings.rules, complete_lists=tuple(complete_lists))
    return dataclasses.replace(
        settings,
        **changes,
        forced_in={**settings.forced_in, **(forced_in or {})},
        left_out={**settings.left_out, **(left_out or {})},
    )


def settings_as_toml(settings: PlanSettings | None = None) -> str:
    """Return settings as TOML with label, range and provenance beside every value."""
    settings = settings or PlanSettings()
    lines = [
        "# 方案设置：删去不需修改的行",
        "# Settings of a plan: delete the lines that you do not change.",
        '# home = "CHN"  # 视角国家，默认为高新区所在国家 / home country; default: the zone\'s',
        '# scenario = "baseline"  # 情景 / scenario',
        f"seed = {settings.seed}  # 随机种子 / seed of every draw",
        "",
        "# [forced_in]   技术编号 = 理由 / technology id = reason",
        "# [left_out]",
        "",
        "[solver]",
        f'backend = "{settings.solver.backend}"  # 求解器 / solver: '
        "highs, scip (pip install 'jicheng[scip]')",
    ]
    described = {(one.stage, one.name): one for one in parameters()}
    for stage, file in PARAMETER_FILES.items():
        lines += ["", f"[{stage}]"]
        lines += _stage_lines(getattr(settings, stage), stage, file, described)
    return "\n".join(lines) + "\n"


def _stage_lines(
    stage_settings: Any, stage: str, file: str, described: Mapping[tuple[str, str], Parameter]
) -> Iterator[str]:
    nested: list[str] = []
    hints = get_type_hints(type(stage_settings))
    for one in dataclasses.fields(stage_settings):
        value = getattr(stage_settings, one.name)
        if one.name in HANDED_DOWN:
            continue
        if dataclasses.is_dataclass(value):
            nested += ["", f"[{stage}.{one.name}]"]
            nested += _stage_lines(value, f"{stage}.{one.name}", file, described)
            continue
        yield from _comment(described.get((file, one.name)))
        if value is None:
            yield f"# {one.name} = {_example(hints[one.name])}"
        else:
            yield f"{one.name} = {_toml_value(as_plain(value))}"
    yield from nested


def _comment(parameter: Parameter | None) -> Iterator[str]:
    if parameter is None:
        return
    span = ""
    if parameter.low is not None and parameter.high is not None:
        span = f" [{parameter.low:g}, {parameter.high:g}]"
    unit = f" ({parameter.unit})" if parameter.unit else ""
    yield f"# {parameter.label.zh} / {parameter.label.en}{unit}{span}"
    yield f"#   依据：{parameter.provenance.zh} / {parameter.provenance.en}"


def _example(hint: Any) -> str:
    """Return a value of the type of a setting that has none, to be read once it is uncommented."""
    kind = next(each for each in get_args(hint) if each is not type(None))
    return _toml_value(as_plain((get_origin(kind) or kind)()))


def _toml_value(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(k)} = {_toml_value(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return json.dumps(value, ensure_ascii=False)
