"""New challenges that join a finished plan: read from a file, priced, written beside it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from jicheng.errors import InvalidInput
from jicheng.integrate.consortia import consortia_of
from jicheng.integrate.shared.arrival import Arrivals, arrive, new_challenges
from jicheng.io import excel, package
from jicheng.plan.folder import PlanFolder
from jicheng.plan.manifest import read_manifest
from jicheng.plan.settings import PlanSettings
from jicheng.plan.solvers import using_solver_of
from jicheng.plan.staffing import load_staffing
from jicheng.plan.toml_settings import settings_from
from jicheng.zone import Zone

__all__ = ["ArrivedChallenges", "arrive_at", "read_arriving", "write_arrivals"]

_WRITTEN = ("consortia", "members", "assignment", "coverage")


@dataclass(frozen=True)
class ArrivedChallenges:
    """What became of the challenges of a file, and the tables of those accepted."""

    arrivals: Arrivals
    tables: Mapping[str, pl.DataFrame]


def read_arriving(path: Path) -> Zone:
    """Read new challenges as staff hold them.

    Parameters
    ----------
    path : Path
        A CSV file of the table ``challenges``; or a workbook or a folder with that table
        and, where the plan's zone lacks them, ``technologies``, ``needs`` and
        ``capabilities``, the new rows only.

    Raises
    ------
    InvalidInput
        With every fault of the file; E358 if it holds no challenge.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        if not path.is_file():
            raise InvalidInput.of("E150", path=path)
        with tempfile.TemporaryDirectory() as aside:
            shutil.copyfile(path, Path(aside) / "challenges.csv")
            zone = package.read(Path(aside), strict=False)
    elif suffix in (".xlsx", ".xlsm"):
        zone = excel.read(path, strict=False)
    else:
        zone = package.read(path, strict=False)
    if zone["challenges"].is_empty():
        raise InvalidInput.of("E358", file=path.name)
    return zone


def arrive_at(
    plan: str | Path, challenges: str | Path, *, worth: float | None = None, may_move: bool = False
) -> ArrivedChallenges:
    """Let the challenges of a file join a plan, by the plan's solver; nothing is written.

    Parameters
    ----------
    plan : path
        Folder of a finished plan.
    challenges : path
        As for :func:`read_arriving`.
    worth, may_move
        As for :func:`jicheng.integrate.shared.arrival.arrive`.

    Raises
    ------
    InvalidInput
        As :func:`jicheng.plan.staffing.load_staffing` and :func:`read_arriving`; E615 or
        E616 if the plan's solver is not there.
    """
    settings = settings_from(read_manifest(Path(plan))["settings"], PlanSettings)
    staffing = load_staffing(plan)
    arriving = read_arriving(Path(challenges))
    known, rows = new_challenges(staffing, arriving, settings.challenges)
    with using_solver_of(settings):
        arrivals = arrive(known, rows, worth=worth, may_move=may_move)
        result = consortia_of(arrivals.staffing)
    touched = [name for one in arrivals.arrivals if one.is_accepted
               for name in (one.challenge, *one.moved)]  # fmt: skip
    tables = {
        name: getattr(result, name).filter(pl.col("challenge").is_in(touched)) for name in _WRITTEN
    }
    return ArrivedChallenges(arrivals, tables)


def write_arrivals(arrived: ArrivedChallenges, out: Path) -> None:
    """Write what became of new challenges as tables into a folder of its own.

    ``arrivals.csv`` has all of them; ``consortia``, ``members``, ``assignment`` and
    ``coverage`` those that were accepted and those that moved for them.
    """
    folder = PlanFolder(out)
    for name, table in {"arrivals": arrived.arrivals.table, **arrived.tables}.items():
        folder.write(f"{name}.csv", table.write_csv())
