"""The mapping file: what the headings of a list cannot tell.

A TOML file with one section a list::

    [[lists]]
    file = "名单*.xlsx"            # name or pattern; default: any file
    sheet = "Sheet1"               # default: any sheet
    kind = "企业名录"              # or firms; "skip" = do not read the sheet
    header_row = 3                 # default: found
    header_rows = 2                # rows that the headings take, default 1
    columns = { name = "单位", credit_code = "代码" }
    units = { funding = "万元" }
    constants = { kind = "科研院所" }

    [lists.values.size]
    "规上" = "中型"

Columns that are not named are recognised by their headings as usual.
"""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jicheng.conform import nearest
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.excel.guard import column_name
from jicheng.io.firm_list.headings import factor_in
from jicheng.io.raw.kinds import ListKind, bare_heading, known_kinds, list_kinds
from jicheng.io.raw.places import Place, RawColumn, find_place, heading_texts
from jicheng.io.raw.sheets import RawSheet

__all__ = ["SKIP", "ListMap", "mapped", "place_by_mapping", "read_list_maps"]

SKIP = "skip"
_PARTS = {"file": str, "sheet": str, "kind": str, "header_row": int, "header_rows": int,
          "columns": dict, "units": dict, "constants": dict, "values": dict}  # fmt: skip
_MOST_ROWS = 5


@dataclass(frozen=True, slots=True)
class ListMap:
    """How one list is read; see the module."""

    kind: str
    file: str = "*"
    sheet: str = "*"
    header_row: int = 0
    header_rows: int = 1
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def is_about(self, sheet: RawSheet) -> bool:
        """Tell whether it is about a sheet."""
        return fnmatch.fnmatch(sheet.file, self.file) and fnmatch.fnmatch(sheet.name, self.sheet)


def read_list_maps(mapping: Path | Mapping[str, Any]) -> tuple[ListMap, ...]:
    """Read a mapping from a TOML file, or from what such a file would hold.

    Raises
    ------
    InvalidInput
        E150 if the file is absent, E642 for anything that is wrong; every fault is listed.
    """
    name = mapping.name if isinstance(mapping, Path) else ""
    document = _parsed(mapping) if isinstance(mapping, Path) else dict(mapping)
    sections = document.get("lists")
    if set(document) != {"lists"} or not isinstance(sections, list):
        reason = Text("应只有 [[lists]] 段", "it must have sections [[lists]] only")
        raise InvalidInput.of("E642", where=Where(name), reason=reason)
    faults = [one for section in sections for one in _faults_of(section, Where(name))]
    if faults:
        raise InvalidInput(faults)
    return tuple(ListMap(**{**section, "kind": _kind_of(section["kind"])}) for section in sections)


def _parsed(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise InvalidInput.of("E150", path=file)
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput.of("E642", where=Where(file.name), reason=str(error)) from error


def _kind_of(word: str) -> str:
    for kind in list_kinds().values():
        if word in (kind.name, kind.label.zh, kind.label.en):
            return kind.name
    return word


def _faults_of(section: object, where: Where) -> list[Fault]:
    if not isinstance(section, dict) or not isinstance(section.get("kind"), str):
        reason = Text("每段都要有 kind", "every section needs its kind")
        return [fault("E642", where=where, reason=reason)]
    kind = _kind_of(section["kind"])
    if kind not in (*list_kinds(), SKIP):
        known = "、".join(f"{one.label.zh} {one.name}" for one in list_kinds().values())
        reason = Text(f"没有清单种类 {kind}；可用：{known}", f"no kind {kind}; there are {known}")
        return [fault("E642", where=where, reason=reason)]
    wrong = [part for part, value in section.items()
             if part not in _PARTS or not isinstance(value, _PARTS[part])]  # fmt: skip
    for part in ("header_row", "header_rows"):
        most = _MOST_ROWS if part == "header_rows" else 1_000_000
        if part not in wrong and not 1 <= section.get(part, 1) <= most:
            wrong.append(part)
    reasons = [
        Text(f"{part} 未知，或类型、取值不对", f"{part} is unknown or has a wrong value")
        for part in wrong
    ]
    if kind != SKIP and not wrong:
        names = list(list_kinds()[kind].by_name)
        for part in ("columns", "units", "constants", "values"):
            for name in section.get(part, {}):
                if name not in names:
                    near = nearest(name, names)
                    zh = f"{part} 中没有属性 {name}；您是否指：{near}"
                    reasons.append(Text(zh, f"{part}: no {name}; did you mean {near}"))
        for name, unit in section.get("units", {}).items():
            if not isinstance(unit, str) or factor_in(unit) is None:
                reasons.append(Text(f"units.{name} 应为 元、万元、亿元 或 %",
                                    f"units.{name} must be 元, 万元, 亿元 or %"))  # fmt: skip
        if any(not isinstance(heading, str) for heading in section.get("columns", {}).values()):
            reasons.append(Text("columns 的值应为标题文字", "columns: headings are text"))
        if any(not isinstance(words, dict) for words in section.get("values", {}).values()):
            reasons.append(Text("values 应为 [lists.values.属性]", "values: tables by attribute"))
    return [fault("E642", where=where, reason=reason) for reason in reasons]


def place_by_mapping(sheet: RawSheet, one: ListMap) -> Place:
    """Return where a list stands that a mapping describes.

    Raises
    ------
    InvalidInput
        E639 if no headings of the kind are found, E180 for a heading that is not there.
    """
    kind = list_kinds()[one.kind]
    if one.header_row:
        place = _at_row(sheet, one, kind)
    else:
        found = find_place(_renamed(sheet, one, kind), kind)
        if found is None:
            raise InvalidInput.of("E639", where=sheet.at(), known=known_kinds())
        place = replace(found, faults=())
    columns = tuple(
        replace(column, factor=factor_in(one.units[column.field.name]))
        if column.field.name in one.units
        else column
        for column in place.columns
    )
    return replace(place, columns=columns, values=one.values, constants=one.constants)


def _renamed(sheet: RawSheet, one: ListMap, kind: ListKind) -> RawSheet:
    """Return the sheet with the headings that the mapping names under their own labels."""
    labels = {bare_heading(text): kind.by_name[name].label.zh for name, text in one.columns.items()}
    rows = [
        [labels.get(bare_heading(cell), cell) if isinstance(cell, str) else cell for cell in row]
        for row in sheet.rows[:20]
    ]
    return replace(sheet, rows=[*rows, *sheet.rows[20:]])


def _at_row(sheet: RawSheet, one: ListMap, kind: ListKind) -> Place:
    top = next((k for k, n in enumerate(sheet.numbers) if n == one.header_row), None)
    if top is None or top + one.header_rows > len(sheet.rows):
        near = f"1–{len(sheet.rows)}"
        raise InvalidInput.of(
            "E180", where=sheet.at(), header=one.header_row, heading=one.kind, near=near
        )
    said = list(heading_texts(sheet, top, one.header_rows))
    by_heading = {bare_heading(text): k for k, texts in enumerate(said) for text in texts[::-1]}
    chosen: dict[str, RawColumn] = {}
    faults: list[Fault] = []
    for name, heading in one.columns.items():
        k = by_heading.get(bare_heading(heading))
        if k is None:
            there = [texts[-1] for texts in said if texts]
            near = nearest(heading, there, otherwise=", ".join(there[:8]) or "-")
            at = sheet.at(top, None)
            faults.append(
                fault("E180", where=at, header=one.header_row, heading=heading, near=near)
            )
            continue
        chosen[name] = RawColumn(k, kind.by_name[name], said[k][-1], factor_in(said[k][-1]))
    taken = {column.position for column in chosen.values()}
    for k, texts in enumerate(said):
        found = kind.field_of(texts[-1]) if texts and k not in taken else None
        if found is not None and found.name not in chosen:
            chosen[found.name] = RawColumn(k, found, texts[-1], factor_in(texts[-1]))
    lacking = [f.label for f in kind.fields if f.is_key and f.name not in chosen
               and f.name not in one.constants]  # fmt: skip
    for label in lacking:
        near = column_name(0)
        at = sheet.at(top, None)
        faults.append(fault("E180", where=at, header=one.header_row, heading=label.zh, near=near))
    if faults:
        raise InvalidInput(faults)
    taken = {column.position for column in chosen.values()}
    others = {k: texts[-1] for k, texts in enumerate(said) if texts and k not in taken}
    return Place(kind, top, top + one.header_rows, tuple(chosen.values()), others)


def mapped(sheet: RawSheet, maps: Sequence[ListMap]) -> ListMap | None:
    """Return the first mapping that is about a sheet."""
    return next((one for one in maps if one.is_about(sheet)), None)
