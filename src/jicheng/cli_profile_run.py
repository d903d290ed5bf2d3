"""One run of ``jicheng profile``: what it reads and writes, and what classifies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jicheng.cli_matcher import retrieval_of
from jicheng.cli_output import print_faults, stage_bars
from jicheng.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

    from jicheng.integrate.profile.classify import Classifier
    from jicheng.io.answer_sheet import Answers, Question
    from jicheng.zone import Zone

__all__ = ["ProfileRun", "marked_sheet", "progress_bar", "read_kept_answers", "refuse_sheet"]

_LABELS = "text-labels.csv"
_SHEETS = (".xlsx", ".csv")


@dataclass(frozen=True)
class ProfileRun:
    """A zone, and how its texts are to be read."""

    path: Path
    out: Path | None
    taxonomy: Path | None
    threshold: float | None
    engine: str
    replace: bool

    def load(self) -> Zone:
        """Read the zone; refuse an output that is there, before anything is computed."""
        from jicheng.zone import Zone

        if self.out is not None and self.out.exists() and not self.replace:
            raise InvalidInput.of("E606", path=self.out)
        if self.out is None and not self.path.is_dir():
            raise InvalidInput.of("E035", path=self.path.name)
        return Zone.load(self.path)

    def save(self, zone: Zone, answers: pl.DataFrame) -> Path:
        """Write the zone whole or not at all, in the form in which it was.

        What people said of its texts is added before, beside it and beside the one read.
        """
        from jicheng.integrate.profile.answers import keep_answers
        from jicheng.io.beside import beside

        target = self.out or self.path
        places = dict.fromkeys(beside(path, _LABELS) for path in (self.path, target))
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
        keep_answers(list(places), answers)
        is_parquet = target.is_dir() and any(target.glob("*.parquet"))
        zone.save(target, form="parquet" if is_parquet else "csv")
        return target

    def classifier(self, zone: Zone, n_texts: int) -> Classifier:
        """Make the classifier, with a bar while capabilities are encoded for the first time."""
        from jicheng.integrate.profile.classify import Classifier
        from jicheng.integrate.profile.profiling import capabilities_for
        from jicheng.integrate.profile.settings import ProfileSettings, check_settings
        from jicheng.io.beside import beside
        from jicheng.io.capability_list import read_capabilities
        from jicheng.retrieval.cache import VectorCache
        from jicheng.retrieval.embedding import installed_embedders, missing_engines

        settings = ProfileSettings()
        if self.threshold is not None:
            settings = ProfileSettings(threshold=self.threshold)
        check_settings(settings)
        if self.taxonomy is not None:
            capabilities = read_capabilities(self.taxonomy)
        else:
            capabilities, told = capabilities_for(zone)
            print_faults(told)
        retrieval = retrieval_of(self.engine, n_texts)
        engines = installed_embedders(retrieval)
        print_faults(missing_engines(retrieval, engines))
        cache = VectorCache(beside(self.path, "index") / "vectors")
        with progress_bar("读入能力清单 / reading capabilities") as progress:
            return Classifier.of(capabilities, engines, cache, settings=settings, progress=progress)


@contextmanager
def progress_bar(label: str) -> Iterator[Any]:
    """Show a bar while it is open; what it gives is called with how many of how many."""
    with stage_bars() as bars:
        yield lambda done, total: bars(label, done, total)


def read_kept_answers(zone: Path) -> pl.DataFrame:
    """Return what people said of the texts of a zone so far."""
    from jicheng.integrate.profile.answers import read_answers
    from jicheng.io.beside import beside

    return read_answers(beside(zone, _LABELS))


@contextmanager
def marked_sheet(
    path: Path, questions: tuple[Question, ...], needed: tuple[str, ...]
) -> Iterator[Answers]:
    """Read a sheet; if its answers are refused, mark the wrong cells in a copy."""
    from jicheng.io.answer_sheet import mark_faults, read_answers

    read = read_answers(path, questions, needed)
    try:
        yield read
    except InvalidInput as error:
        if path.suffix.lower() != ".csv" and any(found.where.row for found in error.faults):
            copy = path.with_name(f"{path.stem}.批注.xlsx")
            mark_faults(path, error.faults, read.layout, copy)
            click.echo(f"已在副本中标出错误 / faults are marked in a copy: {copy}", err=True)
        raise


def refuse_sheet(path: Path | None, *, replace: bool) -> None:
    """Refuse to write a sheet that is there, or of a kind that is not written."""
    if path is None:
        return
    if path.exists() and not replace:
        raise InvalidInput.of("E606", path=path)
    if path.suffix.lower() not in _SHEETS:
        raise InvalidInput.of("E953", path=path.name, endings=", ".join(_SHEETS))
