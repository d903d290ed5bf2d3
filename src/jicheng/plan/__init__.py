"""Plan: the four stages joined in one run, with one manifest to recompute it from."""

from __future__ import annotations

from jicheng.plan.diff import PlanDiff, diff_plans
from jicheng.plan.run import Plan, run_plan
from jicheng.plan.settings import PlanSettings, load_settings
from jicheng.plan.verify import verify_plan

__all__ = [
    "Plan",
    "PlanDiff",
    "PlanSettings",
    "diff_plans",
    "load_settings",
    "run_plan",
    "verify_plan",
]
