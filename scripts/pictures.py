"""Take the pictures of the guides from a real report: run it with ``make pictures``.

Makes the small sample zone and its plan, opens the report in the system's Chromium
without a network, and writes ``docs/pictures/<name>.<language>.png``. The date of the
run is hidden, so that the same engine gives the same pictures whenever they are taken.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
MOST_BYTES = 150_000
WIDTH, HEIGHT = 1240, 900
MAKE = (
    ["sample", "zone", "--scale", "small", "--seed", "3"],
    ["plan", "zone", "-o", "plan"],
)
COMMAND = Path(sys.executable).with_name("jicheng")
PLAIN = """
.top { position: static !important; } .source, .numbers:not([open]) { display: none; }
"""
"""Styles for a picture: no sticky head, no date, no closed folds under charts."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A part of the report: what is opened first, and which elements are shown together."""

    name: str
    selector: str
    first: str = ""
    height: int = 0
    """Height at which a tall part is cut [px]; 0 = whole."""

    edge: int = 6
    """White left around it [px]."""


CARD = "[id='card-chal:ic-arf-resist']"
OPEN = (
    "for (const card of document.querySelectorAll('.card')) card.open = false;"
    f'document.querySelector("{CARD}").open = true;'
)
SHORT = (
    f"{OPEN} for (const part of document.querySelectorAll("
    f'"{CARD} :is(h3, .scroll, .numbers, .card-right > .fine)")) part.style.display = "none";'
)
OTHERS = f'{OPEN} document.querySelector("{CARD} .numbers").open = true;'
PICTURES = (
    Picture("card", CARD, SHORT),
    Picture("members", f"{CARD} .scroll:has([data-column=withdraws])", OPEN),
    Picture("matrix", f"{CARD} .scroll:has(.matrix)", OPEN),
    Picture("others", f"{CARD} .numbers", OTHERS),
    Picture(
        "account", "#panel", f'document.querySelector("{CARD} [data-challenge]").click();', edge=0
    ),
    Picture("portfolio", "#portfolio", height=520),
    Picture("value-and-money", ".pair:has(> #chart-front)"),
    Picture("years-and-risk", ".pair:has(> #chart-years)"),
    Picture("more-money", "#part-money"),
    Picture("scarce", "#part-scarce"),
    Picture("withdrawals", "#part-withdrawals"),
)


def chromium() -> str:
    """Return the system's browser.

    Raises
    ------
    SystemExit
        If there is none.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        sys.exit(f"需要 Chromium / Chromium is needed: {', '.join(names)}")
    return found


def make_report(folder: Path) -> Path:
    """Make the sample zone and its plan in a folder, and return the report."""
    for arguments in MAKE:
        subprocess.run([COMMAND, *arguments], cwd=folder, check=True)  # noqa: S603 - our own command
    return folder / "plan" / "report.html"


def take(page: Page, picture: Picture, target: Path) -> int:
    """Write one picture and return its size in bytes.

    Raises
    ------
    SystemExit
        If there is nothing to show, or the picture is too large for the documents.
    """
    if picture.first:
        page.evaluate(f"() => {{ {picture.first} }}")
    part = page.locator(picture.selector).first
    box = part.bounding_box() if part.count() else None
    if box is None:
        sys.exit(f"{picture.name}: nothing at {picture.selector}")
    scrolled = page.evaluate("window.scrollY")
    page.screenshot(
        path=target,
        full_page=True,
        clip={
            "x": box["x"] - picture.edge,
            "y": max(0.0, box["y"] + scrolled - picture.edge),
            "width": box["width"] + 2 * picture.edge,
            "height": min(box["height"], picture.height or box["height"]) + 2 * picture.edge,
        },
    )
    size = target.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"{target.name}: {size} bytes, at most {MOST_BYTES}")
    return size


def take_all(browser: Browser, report: Path) -> None:
    """Take every picture in both languages, each on a page of its own."""
    for language in ("zh", "en"):
        for picture in PICTURES:
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.route("http*://**", lambda route: route.abort())
            page.goto(f"{report.as_uri()}#/{language}")
            page.evaluate("Promise.all([Packed.explanations, Packed.cards])")
            page.add_style_tag(content=PLAIN)
            target = FOLDER / f"{picture.name}.{language}.png"
            print(f"{target.name}: {take(page, picture, target):,} bytes")
            page.close()


def main() -> None:
    """Make the report and take all pictures of it; an argument names a report instead."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        report = Path(sys.argv[1]).resolve() if sys.argv[1:] else make_report(Path(made))
        with playwright.chromium.launch(executable_path=chromium(), args=arguments) as browser:
            take_all(browser, report)


if __name__ == "__main__":
    main()
