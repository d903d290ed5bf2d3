"""Files of what people said: rows that are added and never changed.

A ledger is a CSV file with a heading. Judgements about records, grades of candidates and
answers about texts are kept so, each beside its zone. People open these files in
spreadsheets: a cell that a spreadsheet would run gets an apostrophe, which reading takes
off again, so that whatever people wrote comes back. Adding leaves every byte that is there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from jicheng.atomic import locked_folder, write_file
from jicheng.errors import Fault, InvalidInput, Where, fault

__all__ = ["Ledger", "Line", "add_lines", "can_stand", "extend_lines", "read_ledger"]

_MOST_BYTES = 200_000_000
_LONGEST_CELL = 100_000  # characters; the reader of CSV takes 131,072 unless told otherwise
_MOST_FAULTS = 50
_MAY_RUN = tuple("=+-@\t\r\n＝＋－＠'")  # first letters that get an apostrophe before them
_BLANKS = " \u3000\xa0\ufeff"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was written; ``number`` is its last line in the file, from 1."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows of a ledger in the order in which they were added."""

    name: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    def check(self, wrong_column: Callable[[Mapping[str, str]], str]) -> None:
        """Go through the rows in their order and refuse those that cannot be.

        Parameters
        ----------
        wrong_column : callable
            Returns the name of the column that cannot be read or that contradicts the
            rows before, or "" where all is well.

        Raises
        ------
        InvalidInput
            E117 with line and column for each such row, 50 at most.
        """
        faults: list[Fault] = []
        for line in self.lines:
            column = wrong_column(line.cells)
            if column:
                where = Where(self.name, row=line.number, column=column)
                faults.append(fault("E117", where=where, column=column))
            if len(faults) == _MOST_FAULTS:
                break
        if faults:
            raise InvalidInput(faults)


def read_ledger(path: Path, needed: Collection[str]) -> Ledger:
    """Read a ledger; where there is no file nothing was said yet.

    Parameters
    ----------
    path : Path
        The file.
    needed : collection of str
        Columns that must be there; others may be, too.

    Raises
    ------
    InvalidInput
        E118 if it is no such file: larger than 200 MB, not UTF-8, broken quotes, a NUL, or
        a needed column is not there.
    """
    if not path.exists():
        return Ledger(path.name, tuple(needed), ())
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        why = f"> {_MOST_BYTES:,} B" if path.is_file() else "no file"
        raise InvalidInput.of("E118", file=path.name, why=why)
    return _parsed(path.name, path.read_bytes(), needed)


def _parsed(name: str, data: bytes, needed: Collection[str]) -> Ledger:
    if not data:
        return Ledger(name, tuple(needed), ())
    try:
        text = data.decode("utf-8-sig")
        if "\0" in text:
            raise InvalidInput.of("E118", file=name, why="NUL")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, cells) for cells in reader if any(cells)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput.of("E118", file=name, why=str(error)) from None
    heads = tuple(head.strip() for head in rows[0][1]) if rows else ()
    missing = [column for column in needed if column not in heads]
    if missing:
        raise InvalidInput.of("E118", file=name, why=f"– {', '.join(missing)}")
    if any(len(cell) > _LONGEST_CELL + 1 for _, cells in rows for cell in cells):
        raise InvalidInput.of("E118", file=name, why=f"> {_LONGEST_CELL:,}")
    lines = (
        Line(number, dict(zip(heads, map(_unescaped, cells), strict=False)))
        for number, cells in rows[1:]
    )
    return Ledger(name, heads, tuple(lines))


def add_lines(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Add rows at the end of a ledger, all or none; what stands in it is not touched.

    Two programs that add at once wait for each other.

    Parameters
    ----------
    path : Path
        The file; its folder is made if need be.
    columns : sequence of str
        The columns of a new file; one that is there keeps its own and must have these.
    rows : iterable of mappings
        What to add, by column; a column that is not told stays empty.

    Raises
    ------
    InvalidInput
        E118 if the file that is there is no such file or a cell cannot stand in a file.
    """
    with _all_locked([path.parent]):
        _write(path, read_ledger(path, columns), list(rows))


def extend_lines(
    paths: Iterable[Path], columns: Sequence[str], rows: Sequence[Mapping[str, str]]
) -> None:
    """Add to ledgers those of ``rows`` that they lack; all of what they hold must come first.

    So nothing is lost if somebody else added rows since ``rows`` was read.

    Raises
    ------
    InvalidInput
        E119 if a ledger holds rows with which ``rows`` does not begin, E118 as in
        :func:`add_lines`; no ledger is changed then.
    """
    places = list(paths)
    with _all_locked([path.parent for path in places]):
        held = [(path, read_ledger(path, columns)) for path in places]
        for path, ledger in held:
            there = [[line.cells.get(name, "") for name in columns] for line in ledger.lines]
            if there != [[row.get(name, "") for name in columns] for row in rows[: len(there)]]:
                raise InvalidInput.of("E119", file=path.name, found=len(there))
        for path, ledger in held:
            _write(path, ledger, rows[len(ledger.lines) :])


@contextmanager
def _all_locked(folders: Iterable[Path]) -> Iterator[None]:
    with ExitStack() as locks:
        for folder in sorted(
            {one.resolve() for one in folders}
        ):  # one order: nobody waits in a ring
            folder.mkdir(parents=True, exist_ok=True)
            locks.enter_context(locked_folder(folder))
        yield


def can_stand(text: str) -> bool:
    """Tell whether a text can stand in a ledger: no NUL, no lone surrogate, not endless."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text and len(text) <= _LONGEST_CELL


def _write(path: Path, ledger: Ledger, rows: Sequence[Mapping[str, str]]) -> None:
    if not rows:
        return
    if not all(can_stand(cell) for row in rows for cell in row.values()):
        raise InvalidInput.of("E118", file=path.name, why=f"NUL, > {_LONGEST_CELL:,}")
    data = path.read_bytes() if path.exists() else b""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)  # a lone CR, too
    if not data:
        data = _BOM
        writer.writerow(ledger.columns)
    elif not data.endswith(b"\n"):
        data += b"\n"
    for row in rows:
        writer.writerow(_escaped(row.get(name, "")) for name in ledger.columns)
    write_file(path, data + text.getvalue().encode())


def _escaped(cell: str) -> str:
    return f"'{cell}" if _is_marked(cell) else cell


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _is_marked(cell[1:]) else cell


def _is_marked(cell: str) -> bool:
    return bool(cell) and cell.lstrip(_BLANKS)[:1] in _MAY_RUN
