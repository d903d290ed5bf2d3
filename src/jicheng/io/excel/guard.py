"""Look into a workbook before anything opens it, and refuse what may do harm.

A workbook is a zip of XML. Refused are other containers, passwords, macros, parts
that unpack to too much, document types (which nest entities) and sheets whose used
rectangle would not fit in memory. The same pass notes what the reader hides: cells
that show an error, and formulas without a stored result.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from jicheng.errors import InvalidInput, Text, Where
from jicheng.io.limits import Limits, check_size, in_units

__all__ = ["Contents", "SheetFacts", "column_name", "inspect"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 22
_NOTED = 1000
_CELL = re.compile(
    rb"<(?:\w+:)?(?:row\b([^>]*)>"  # a row, or a cell with its formula
    rb"|c(?=[\s/>])([^>]*?)(/?)>(\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f\s*>))?)"
)
_VALUE = re.compile(rb"\s*<(?:\w+:)?(?:v|is)\b[^>]*?(?<!/)>([^<]*)")
_PLACE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Za-z]{0,3})(\d+)[\"']")
_TYPE = re.compile(rb"(?:^|\s)t\s*=\s*[\"'](\w+)[\"']")
_BROKEN = (
    ET.ParseError,
    zlib.error,
    EOFError,
    LookupError,
    ValueError,
    OSError,
    NotImplementedError,
)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"


@dataclass
class SheetFacts:
    """What a sheet holds, rows and columns counted from 1.

    ``n_rows`` and ``n_columns`` span the cells with content, formatted but empty
    ones left aside; ``errors`` maps places to what they show, ``hollow`` are
    formulas without a stored result.
    """

    n_rows: int = 0
    n_columns: int = 0
    n_formulas: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hollow: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a workbook holds: facts by sheet name, in the order of the sheets."""

    sheets: dict[str, SheetFacts]
    has_links: bool
    is_1904: bool


def column_name(position: int) -> str:
    """Return the letters of a column counted from 0: A, B, ..., Z, AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def inspect(path: Path, limits: Limits) -> Contents:
    """Return what a workbook holds; raise if it is none or may do harm.

    Raises
    ------
    InvalidInput
        E150 absent, E151 too large, E170 no workbook, E171 older kind, E172
        password, E173 macros, E174 unpacks to too much, E175 damaged or with a
        document type, E186 too many cells.
    """
    if not path.is_file():
        raise InvalidInput.of("E150", path=path)
    faults = check_size(path, limits, Where())
    if faults:
        raise InvalidInput(faults)
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            raise InvalidInput.of(
                "E172" if _ENCRYPTED in file.read(100_000_000) else "E171", path=path.name
            )
    try:
        with zipfile.ZipFile(path) as archive:
            return _contents(path, archive, limits)
    except zipfile.BadZipFile as error:
        code = "E175" if zipfile.is_zipfile(path) else "E170"
        raise InvalidInput.of(code, path=path.name, reason=str(error)) from error
    except _BROKEN as error:
        raise InvalidInput.of("E175", path=path.name, reason=str(error)[:200]) from error


def _contents(path: Path, archive: zipfile.ZipFile, limits: Limits) -> Contents:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    lower = [name.lower() for name in names]
    if any(part.flag_bits & 1 for part in parts):
        raise InvalidInput.of("E172", path=path.name)
    _refuse_bomb(path, parts, limits)
    if len(set(lower)) < len(lower):
        raise _damaged(path, Text("部件重复", "a part occurs twice"))
    if any(name.endswith("vbaproject.bin") for name in lower) or path.suffix.lower() == ".xlsm":
        raise InvalidInput.of("E173", path=path.name)
    if "xl/workbook.bin" in lower:
        raise InvalidInput.of("E171", path=path.name)
    if "xl/workbook.xml" not in names:
        raise InvalidInput.of("E170", path=path.name)
    scanned: dict[str, SheetFacts] = {}
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            scanned[part.filename] = _scan(path, archive, part, limits)
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - no document type in it
    targets = _targets(archive, names)
    sheets = {
        str(sheet.get("name")): scanned.get(targets.get(_relation(sheet), ""), SheetFacts())
        for sheet in book.iter()
        if sheet.tag in (f"{_MAIN}sheet", f"{_STRICT}sheet")
    }
    for name, facts in sheets.items():
        n_cells = facts.n_rows * facts.n_columns
        if n_cells > limits.cells:
            where = Where(sheet=name)
            raise InvalidInput.of("E186", where=where, n=n_cells, limit=limits.cells)
    dated = [part.get("date1904") for part in book.iter() if part.tag.endswith("}workbookPr")]
    links = any(name.startswith("xl/externallinks/") for name in lower)
    return Contents(sheets, links, is_1904=any(value in ("1", "true") for value in dated))


def _refuse_bomb(path: Path, parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    unpacked = sum(part.file_size for part in parts)
    ratio = unpacked / max(1, path.stat().st_size)
    is_dense = unpacked > limits.unpacked_bytes_free and ratio > limits.ratio
    if unpacked > limits.unpacked_bytes or is_dense or len(parts) > limits.parts:
        raise InvalidInput.of(
            "E174",
            path=path.name,
            size=in_units(unpacked),
            limit=in_units(limits.unpacked_bytes_free if is_dense else limits.unpacked_bytes),
        )


def _damaged(path: Path, reason: Text) -> InvalidInput:
    return InvalidInput.of("E175", path=path.name, reason=reason)  # type: ignore[return-value]


def _scan(
    path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits
) -> SheetFacts:
    """Read a part piece by piece; its size cannot exceed what its header says."""
    facts = SheetFacts()
    row = column = 0
    for piece, last in _pieces(archive, part):
        if b"\0" in piece or piece.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise _damaged(path, Text("XML 不是 UTF-8", "XML that is not UTF-8"))
        if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
            raise _damaged(
                path, Text("含有文档类型声明", "a document type, which may nest entities")
            )
        for match in _CELL.finditer(piece, 0, last):
            if match[1] is not None:
                place = _PLACE.search(match[1])
                row, column = int(place[2]) if place else row + 1, 0
                continue
            place = _PLACE.search(match[2])
            if place:
                row, column = int(place[2]), _column_number(place[1])
            else:
                column += 1
            if not match[3]:
                _note(facts, row, column, piece, match)
    return facts


def _note(facts: SheetFacts, row: int, column: int, piece: bytes, match: re.Match[bytes]) -> None:
    facts.n_rows = max(facts.n_rows, row)
    facts.n_columns = max(facts.n_columns, column)
    kind = _TYPE.search(match[2])
    is_error = kind is not None and kind[1] == b"e"
    if not is_error and match[4] is None:
        return
    value = _VALUE.match(piece, match.end())
    if is_error and len(facts.errors) < _NOTED:
        facts.errors[row, column] = value[1].decode("utf-8", "replace") if value else "#"
    if match[4] is not None:
        facts.n_formulas += 1
        is_text = kind is not None and kind[1] == b"str"
        if (value is None or not (value[1] or is_text)) and len(facts.hollow) < _NOTED:
            facts.hollow.append((row, column))


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[bytes, int]]:
    """Yield pieces of a part, and up to where the cells in each are whole."""
    with archive.open(part) as file:
        rest = b""
        while chunk := file.read(_CHUNK):
            piece = rest + chunk
            starts = [match.start() for match in _CELL.finditer(piece, max(0, len(piece) - 65536))]
            last = starts[-1] if starts else max(piece.rfind(b"<"), 0)
            if len(chunk) < _CHUNK:
                last = len(piece)
            yield piece, last
            rest = piece[last:]
        if rest:
            yield rest, len(rest)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _targets(archive: zipfile.ZipFile, names: list[str]) -> dict[str, str]:
    """Return the part of each relation of the workbook."""
    file = "xl/_rels/workbook.xml.rels"
    if file not in names:
        return {}
    relations = ET.fromstring(archive.read(file))  # noqa: S314 - no document type in it
    targets: dict[str, str] = {}
    for relation in relations:
        target = str(relation.get("Target"))
        full = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        targets[str(relation.get("Id"))] = posixpath.normpath(full)
    return targets


def _relation(sheet: ET.Element) -> str:
    return next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
