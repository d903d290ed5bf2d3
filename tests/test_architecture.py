"""The promises of ARCHITECTURE.md that a machine can check."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import jicheng

SOURCE = Path(jicheng.__file__).parent
ROOT = Path(__file__).parents[1]
PERMISSIVE = (
    "MIT",
    "BSD",
    "ISC",
    "Apache",
    "PSF",
    "Python Software Foundation",
    "0BSD",
    "Zlib",
    "CC0",
)
HEAVY = ("numpy", "polars", "numba", "scipy", "highspy", "openpyxl", "jinja2", "rich")


def test_importing_jicheng_imports_nothing_heavy() -> None:
    code = "import sys, jicheng; print(*sorted(m for m in sys.modules))"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in HEAVY if name in modules] == []


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom jicheng.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print('MODULES', *sorted(sys.modules))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    modules = printed.split("MODULES")[1].split()
    assert [name for name in HEAVY if name in modules] == []


@pytest.mark.parametrize(
    "module", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE))
)
def test_module_is_one_subject_of_bearable_size(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= 600


def test_modules_are_short_in_the_median() -> None:
    sizes = sorted(len(path.read_text("utf-8").splitlines()) for path in SOURCE.rglob("*.py"))
    assert sizes[int(len(sizes) * 0.9)] <= 400


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    for file in (*(ROOT / "requirements").glob("*.txt"), ROOT / "package-lock.json"):
        text = file.read_text("utf-8")
        assert "http" not in text, file.name
        assert "sha256:" in text or "sha512-" in text, file.name


def test_every_package_that_ships_has_a_permissive_licence() -> None:
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "requirements/runtime.txt").read_text(), re.M)
    assert pinned
    for name in pinned:
        try:
            told = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # pinned for another platform
        words = " ".join(
            [told.get("License-Expression") or "", told.get("License") or "",
             *(value for value in told.get_all("Classifier") or [] if value.startswith("License"))]
        )  # fmt: skip
        assert any(word in words for word in PERMISSIVE), (name, words[:80])
        assert not re.search(r"\bA?GPL", words.split("GCC")[0][:400]), (name, words[:80])


def test_every_dependency_earns_its_line() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8").lower()
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    block = project.split("dependencies = [")[1].split("]")[0]
    for name in re.findall(r'"([A-Za-z0-9-]+)', block):
        assert name.lower() in text, name
