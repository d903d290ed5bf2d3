"""Read what is given: files of lists and folders of records, in whatever order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jicheng.errors import Fault, InvalidInput
from jicheng.io.limits import Limits
from jicheng.io.raw.files import RawFile, read_file
from jicheng.io.raw.mapping import ListMap, read_list_maps
from jicheng.io.raw.records import ListRecords, records_of
from jicheng.io.raw.sheets import SUFFIXES
from jicheng.io.raw.technologies import shared_codes_told
from jicheng.io.sources.records import SourceRecords, joined

__all__ = ["Inputs", "read_inputs"]


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
    """

    files: tuple[RawFile, ...]
    lists: tuple[ListRecords, ...]
    folders: tuple[SourceRecords, ...] = ()

    @cached_property
    def records(self) -> SourceRecords:
        """All records together; equal ones of several lists count once."""
        return joined([*(one.records for one in self.lists), *self.folders])

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was not read, with its place."""
        told = [fault for file in self.files for fault in file.faults]
        told += [fault for one in self.lists for fault in one.records.warnings]
        told += [fault for folder in self.folders for fault in folder.warnings]
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

    The order in which they are given changes nothing; in a folder of files those that Excel
    keeps open (``~$``) or that are hidden are passed over.

    Raises
    ------
    InvalidInput
        Every fault of every file that cannot be read at all; see
        :func:`jicheng.io.raw.files.read_file`.
    """
    maps = read_list_maps(mapping) if isinstance(mapping, Path) else tuple(mapping)
    files: list[RawFile] = []
    folders: list[SourceRecords] = []
    faults: list[Fault] = []
    whole = {file for path in paths for file in _files_of(path)}
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
    return Inputs(tuple(files), tuple(records_of(files)), tuple(folders))


def _files_of(path: Path) -> list[Path]:
    """Return the path, or the lists in a folder that holds files and no records."""
    if not path.is_dir():
        return [path]
    from jicheng.io.sources.folder import is_folder  # noqa: PLC0415 - rarely given

    if is_folder(path):
        return [path]
    found = [file for file in sorted(path.iterdir()) if file.suffix.lower() in SUFFIXES
             and file.is_file() and not file.name.startswith((".", "~$"))]  # fmt: skip
    if not found:
        raise InvalidInput.of("E643", path=path.name)
    return found


def read_folder(path: Path) -> SourceRecords:
    """Read a folder of records, as fetchers and importers of sources write it."""
    from jicheng.io.sources import folder  # noqa: PLC0415 - rarely given

    return folder.read_folder(path)
