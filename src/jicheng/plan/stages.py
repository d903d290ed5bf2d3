"""The stages of a plan: what each runs, which tables it writes, which settings it reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from jicheng.errors import Text
from jicheng.evaluate.exposure import evaluate_exposure
from jicheng.integrate.challenges import form_challenges
from jicheng.integrate.consortia import form_consortia
from jicheng.optimise.portfolio import choose_portfolio
from jicheng.plan.folder import StageOutput
from jicheng.plan.settings import PlanSettings
from jicheng.plan.toml_settings import as_plain
from jicheng.select.chokepoints import find_chokepoints
from jicheng.select.firms import systemic_firms
from jicheng.zone import Zone

__all__ = ["STAGES", "Stage", "StageContext"]


def _no_progress(done: int, total: int) -> None:
    """Take no notice."""


@dataclass(frozen=True, slots=True)
class StageContext:
    """What a stage works on: the zone, the settings, and the tables before it."""

    zone: Zone
    settings: PlanSettings
    tables: Mapping[str, pl.DataFrame]
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
    """

    name: str
    label: Text
    tables: tuple[str, ...]
    settings: Callable[[PlanSettings], Any]
    run: Callable[[StageContext], StageOutput]
