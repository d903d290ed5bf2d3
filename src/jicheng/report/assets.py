"""Third-party files that the report carries inside itself: which, and under which licence.

None of them is committed. ``make assets`` installs the packages of
``package-lock.json`` and copies the files named here, and nothing else, into
``report/assets/`` with their licences and checksums; the report then inlines them,
so that it opens without a network.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from jicheng.errors import MissingData

__all__ = ["ASSETS", "ASSET_FOLDER", "Asset", "Licence", "licences", "read_asset"]

ASSET_FOLDER = Path(__file__).parent / "assets"
"""Where ``make assets`` puts the files; ignored by git."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence that applies to code inside an asset; ``file`` lies in its package."""

    package: str
    name: str
    file: str

    @property
    def target(self) -> str:
        """Name of the copy under ``assets/LICENSES/``."""
        stem = self.package.lstrip("@").replace("/", "-")
        return f"{stem}-{Path(self.file).name.removesuffix('.txt')}.txt"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of one package, the licences of all that is bundled in it first to last."""

    title: str
    package: str
    file: str
    licences: tuple[Licence, ...]

    @property
    def target(self) -> str:
        """Name of the copy under ``assets/``."""
        return Path(self.file).name


ASSETS = (
    Asset(
        "Apache ECharts",
        "echarts",
        "dist/echarts.min.js",
        (
            Licence("echarts", "Apache-2.0", "LICENSE"),
            Licence("echarts", "Apache-2.0 (notice)", "NOTICE"),
            Licence("echarts", "BSD-3-Clause (d3)", "licenses/LICENSE-d3"),
            Licence("zrender", "BSD-3-Clause", "LICENSE"),
            Licence("tslib", "0BSD", "LICENSE.txt"),
        ),
    ),
    Asset(
        "Cytoscape.js",
        "cytoscape",
        "dist/cytoscape.min.js",
        (Licence("cytoscape", "MIT", "LICENSE"),),
    ),
    Asset(
        "dagre",
        "@dagrejs/dagre",
        "dist/dagre.min.js",
        (
            Licence("@dagrejs/dagre", "MIT", "LICENSE"),
            Licence("@dagrejs/graphlib", "MIT", "LICENSE"),
        ),
    ),
)
"""Every third-party file that the report uses."""


def read_asset(asset: Asset, *, folder: Path = ASSET_FOLDER) -> str:
    """Return the text of an asset after comparing it with its checksum.

    Raises
    ------
    MissingData
        E801 if the file or its checksum is absent, E802 if the two do not match.
    """
    path = folder / asset.target
    sums = folder / "SHA256SUMS"
    if not path.is_file() or not sums.is_file():
        raise MissingData.of("E801", file=asset.target)
    content = path.read_bytes()
    line = f"{hashlib.sha256(content).hexdigest()}  {asset.target}"
    if line not in sums.read_text("utf-8").splitlines():
        raise MissingData.of("E802", file=asset.target)
    return content.decode("utf-8")


def licences(*, folder: Path = ASSET_FOLDER) -> tuple[tuple[str, str, str], ...]:
    """Return (package, licence name, full text) for all code inside the assets.

    Raises
    ------
    MissingData
        E801 if a licence file is absent.
    """
    found: list[tuple[str, str, str]] = []
    for licence in (licence for asset in ASSETS for licence in asset.licences):
        path = folder / "LICENSES" / licence.target
        if not path.is_file():
            raise MissingData.of("E801", file=licence.target)
        found.append((licence.package, licence.name, path.read_text("utf-8").strip()))
    return tuple(found)
