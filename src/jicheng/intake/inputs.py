"""Read what is given: files of lists and folders of records, in whatever order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.io.limits import Limits
from jicheng.io.raw.files import RawFile, read_file
from jicheng.io.raw.mapping import ListMap, read_list_maps
from jicheng.io.raw.records import ListRecords, records_of
from jicheng.io.raw.sheets import OPEN_IN_EXCEL, SUFFIXES
from jicheng.io.raw.technologies import shared_codes_told
from jicheng.io.sources.records import SourceRecords, joined

__all__ = ["Inputs", "read_inputs"]

_SHOWN = 8  # names that a message lists


@dataclass(frozen=True)
class Inputs:
    """Everything that was read.

    Attributes
    ----------
    files : tuple of RawFile
        Files of lists, by name.
    lists : tuple of ListRecords
        Records of each list.
    folders : tuple of SourceRecords
        Records of folders.
    passed_over : tuple of Fault
        What stands in a folder of lists and was not read, or not as it is on the screen.
    """

    files: tuple[RawFile, ...]
    lists: tuple[ListRecords, ...]
    folders: tuple[SourceRecords, ...] = ()
    passed_over: tuple[Fault, ...] = ()

    @cached_property
    def records(self) -> SourceRecords:
        """All records together; equal ones of several lists count once."""
        return joined([*(one.records for one in self.lists), *self.folders])

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was not read, with its place."""
        told = list(self.passed_over)
        told += [one for file in self.files for one in file.faults]
        told += [found for one in self.lists for found in one.records.warnings]
        told += [found for folder in self.folders for found in folder.warnings]
        told += shared_codes_told(one.list for one in self.lists)
        return tuple(dict.fromkeys(told))

    @property
    def is_sample(self) -> bool:
        """Whether a list says of itself that its data are made up."""
        return any(one.list.is_sample for one in self.lists)

    @property
    def year(self) -> int | None:
        """Latest year up to which a list says that it is true; None if none says."""
        years = [int(one.list.as_of[:4]) for one in self.lists if one.list.as_of]
        return max(years, default=None)


def read_inputs(
    paths: Iterable[Path],
    *,
    mapping: Path | Sequence[ListMap] = (),
    limits: Limits | None = None,
) -> Inputs:
    """Read files of lists (.xlsx, .csv), folders of such files, and folders of records.

    The order in which they are given changes nothing. In a folder of files what is no list
    (E665) and what Excel has open (E666) is told; hidden files are passed over.

    Raises
    ------
    InvalidInput
        E664 for a folder without lists, E667 for a zone, and every fault of every file that
        cannot be read at all; see :func:`jicheng.io.raw.files.read_file`.
    """
    maps = read_list_maps(mapping) if isinstance(mapping, Path) else tuple(mapping)
    files: list[RawFile] = []
    folders: list[SourceRecords] = []
    faults: list[Fault] = []
    given = list(paths)
    whole: set[Path] = set()
    for path in given:
        try:
            whole |= set(_files_of(path))
        except InvalidInput as error:
            faults += error.faults
    for path in sorted(whole, key=lambda one: (one.name, str(one))):
        try:
            if path.is_dir():
                folders.append(read_folder(path))
            else:
                files.append(read_file(path, mapping=maps, limits=limits))
        except InvalidInput as error:
            faults += error.faults
    if faults:
        raise InvalidInput(faults)
    passed_over = tuple(one for path in sorted(set(given)) for one in _passed_over(path))
    return Inputs(tuple(files), tuple(records_of(files)), tuple(folders), passed_over)


def _files_of(path: Path) -> list[Path]:
    """Return the path, or the lists in a folder that holds files and no records."""
    if not path.is_dir():
        return [path]
    from jicheng.io.sources.folder import is_folder  # noqa: PLC0415 - rarely given

    if is_folder(path):
        return [path]
    if (path / "datapackage.json").is_file() and (path / "zones.csv").is_file():
        raise InvalidInput.of("E667", path=path.name)
    found = [file for file in sorted(path.iterdir()) if _is_list(file)]
    if not found:
        there = [file.name for file in sorted(path.iterdir())]
        raise InvalidInput.of("E664", path=path.name, there=_some(there) or "–")
    return found


def _is_list(file: Path) -> bool:
    is_read = file.suffix.lower() in SUFFIXES and file.is_file()
    return is_read and not file.name.startswith((".", OPEN_IN_EXCEL))


def _passed_over(path: Path) -> list[Fault]:
    """Tell what of a folder of lists was not read (E665), or is being edited (E666)."""
    if not path.is_dir() or _files_of(path) == [path]:
        return []
    there = [file for file in sorted(path.iterdir()) if not file.name.startswith(".")]
    edited = [file.name for file in there if file.name.startswith(OPEN_IN_EXCEL)]
    others = [file.name for file in there if not _is_list(file) and file.name not in edited]
    told = [fault("E666", where=Where(path.name, path.name), is_warning=True,
                  path=name.removeprefix(OPEN_IN_EXCEL)) for name in edited]  # fmt: skip
    if others:
        where = Where(path.name, path.name)
        told.append(fault("E665", where=where, is_warning=True, n=len(others), names=_some(others)))
    return told


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:_SHOWN]) + ("……" if len(names) > _SHOWN else "")


def read_folder(path: Path) -> SourceRecords:
    """Read a folder of records, as fetchers and importers of sources write it."""
    from jicheng.io.sources import folder  # noqa: PLC0415 - rarely given

    return folder.read_folder(path)
