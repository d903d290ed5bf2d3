"""Fixtures of the report's tests."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jicheng.report import PlanView, render
from jicheng.report.assets import ASSET_FOLDER
from plan_builders import make_plan

GOLDEN = Path(__file__).parents[1] / "golden" / "report"


@pytest.fixture(scope="session")
def plan() -> PlanView:
    """A made-up plan with every table."""
    return make_plan()


@pytest.fixture(scope="session")
def with_assets() -> None:
    """Skip where the third-party files were not fetched."""
    if not (ASSET_FOLDER / "SHA256SUMS").is_file():
        pytest.skip("needs the report's third-party files: run `make assets`")


@pytest.fixture(scope="session")
def page(plan: PlanView, with_assets: None) -> str:
    """The report of the made-up plan."""
    return render(plan)


@pytest.fixture
def golden() -> Callable[[str, Any], None]:
    """Compare JSON with a committed file; JICHENG_WRITE_GOLDEN=1 writes it anew."""

    def compare(name: str, found: Any) -> None:
        file = GOLDEN / f"{name}.json"
        text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        if os.environ.get("JICHENG_WRITE_GOLDEN") == "1":
            file.write_text(text, "utf-8")
        assert text == file.read_text("utf-8")

    return compare
