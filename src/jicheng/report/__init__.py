"""The report of a plan: one HTML file that opens anywhere, without a network."""

from __future__ import annotations

from jicheng.report.page import render, write_report
from jicheng.report.view import Explanation, PlanView

__all__ = ["Explanation", "PlanView", "render", "write_report"]
