"""A browser without a network, and the report opened in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from jicheng.report import PlanView, write_report
from jicheng.report.assets import ASSET_FOLDER
from plan_builders import make_plan


@dataclass
class Opened:
    """A page of the report, and all that must not have happened in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; skip where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"needs a system Chromium ({', '.join(names)})")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        with playwright.chromium.launch(executable_path=path, args=arguments) as started:
            yield started


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[[PlanView], Path]:
    """Write the report of a plan to a file of its own."""
    if not (ASSET_FOLDER / "SHA256SUMS").is_file():
        pytest.skip("needs the report's third-party files: run `make assets`")
    return lambda plan: write_report(plan, tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="session")
def report(write: Callable[[PlanView], Path]) -> Path:
    """The report of the made-up plan."""
    return write(make_plan())


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Open a report at a width and a place; at the end nothing may have gone wrong."""
    pages: list[Opened] = []

    def open_report(path: Path, *, width: int = 1440, place: str = "") -> Opened:
        page = browser.new_page(viewport={"width": width, "height": 900 if width > 640 else 844})
        found = Opened(page)
        pages.append(found)

        def cut(route: Route, request: Request) -> None:
            if request.url.startswith("file://") and request.resource_type == "document":
                route.continue_()
                return
            found.requests.append(request.url)
            route.abort()

        page.route("**/*", cut)
        page.on("pageerror", lambda error: found.faults.append(str(error)))
        page.on(
            "console",
            lambda said: (
                found.faults.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        page.goto(f"file://{path}#{place}")
        page.evaluate("Promise.all([Packed.explanations, Packed.cards])")
        return found

    yield open_report
    for found in pages:
        found.page.close()
        assert found.requests == []
        assert found.faults == []
