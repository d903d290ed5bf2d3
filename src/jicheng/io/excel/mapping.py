"""The mapping file: which of a user's own sheets and columns are which attributes.

A TOML file, one section a table (or several, ``[[tables.organisations]]``)::

    [tables.organisations]
    sheet = "企业名单"
    header_row = 2
    columns = { id = "统一社会信用代码", name = "企业名称", cost = "投入（元）" }
    constants = { kind = "firm" }
    factors = { cost = 0.0001 }

    [tables.organisations.values.size]
    "规上" = "medium"

``header_row`` counts as the sheet does (default 1), ``constants`` fill attributes
that the sheet does not have, ``factors`` turn the sheet's unit into the schema's,
``values`` translate cells.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jicheng.conform import nearest
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.schema import Kind, Table, zone_tables

__all__ = ["SheetMap", "read_mapping"]

_PARTS = ("sheet", "header_row", "columns", "constants", "factors", "values")
_NUMBERS = (Kind.NUMBER, Kind.SHARE, Kind.INTEGER)


@dataclass(frozen=True, slots=True)
class SheetMap:
    """How one sheet is read as one table; ``sheet`` empty = the only sheet there is."""

    table: str
    sheet: str = ""
    header_row: int = 1
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_mapping(mapping: Path | Mapping[str, Any]) -> tuple[SheetMap, ...]:
    """Read a mapping from a TOML file, or from what such a file would hold.

    Raises
    ------
    InvalidInput
        E150 if the file is absent, E107 and E101 for unknown tables and attributes,
        E181 for anything else that is wrong; every fault is listed.
    """
    document = _parsed(mapping) if isinstance(mapping, Path) else dict(mapping)
    where = Where(sheet=mapping.name if isinstance(mapping, Path) else "")
    faults = [_wrong(where, Text(f"未知的段 {name}", f"unknown section {name}"))
              for name in document if name != "tables"]  # fmt: skip
    tables = document.get("tables")
    if not isinstance(tables, Mapping) or not tables:
        faults.append(_wrong(where, Text("缺少 [tables.…]", "there is no [tables....]")))
        raise InvalidInput(faults)
    maps: list[SheetMap] = []
    for name, sections in tables.items():
        if name not in zone_tables():
            known = nearest(name, list(zone_tables()))
            faults.append(fault("E107", where=where, table=name, known=known))
            continue
        for section in sections if isinstance(sections, list) else [sections]:
            found = _faults_of(section, zone_tables()[name], where)
            faults += found
            if not found:
                maps.append(SheetMap(name, **section))
    if faults:
        raise InvalidInput(faults)
    return tuple(maps)


def _parsed(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise InvalidInput.of("E150", path=file)
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = Where(sheet=file.name)
        raise InvalidInput.of("E181", where=where, reason=str(error)) from error


def _wrong(where: Where, reason: Text) -> Fault:
    return fault("E181", where=where, reason=reason)


def _faults_of(section: object, table: Table, where: Where) -> list[Fault]:
    name = table.name
    if not isinstance(section, Mapping):
        return [_wrong(where, Text(f"[tables.{name}] 不是一段", f"[tables.{name}] is no section"))]
    faults = [
        _wrong(where, Text(f"[tables.{name}] 有未知的项 {part}；可用：{', '.join(_PARTS)}",
                           f"[tables.{name}] has an unknown part {part}; "
                           f"there are {', '.join(_PARTS)}"))
        for part in section
        if part not in _PARTS
    ]  # fmt: skip
    expected: dict[str, type] = {"sheet": str, "header_row": int} | dict.fromkeys(_PARTS[2:], dict)
    wrong = [part for part in section if part in expected
             and not isinstance(section[part], expected[part])]  # fmt: skip
    wrong += [
        f"{part}.{attribute}"
        for part, kinds in (("columns", str), ("factors", (int, float)), ("values", dict))
        if part not in wrong
        for attribute, value in section.get(part, {}).items()
        if not isinstance(value, kinds)
    ]
    if isinstance(section.get("header_row"), int) and section["header_row"] < 1:
        wrong.append("header_row")
    faults += [
        _wrong(where, Text(f"[tables.{name}] 的 {part} 类型或取值不对",
                           f"{part} of [tables.{name}] has the wrong type or value"))
        for part in wrong
    ]  # fmt: skip
    if faults:
        return faults
    used = [a for part in _PARTS[2:] for a in section.get(part, {})]
    faults += [
        fault(
            "E101", where=where, table=name, column=attribute, near=nearest(attribute, table.names)
        )
        for attribute in dict.fromkeys(used)
        if attribute not in table.names
    ]
    faults += [
        _wrong(where, Text(f"{attribute} 不是数值，不能换算", f"{attribute} is no number to scale"))
        for attribute in section.get("factors", {})
        if attribute in table.names and table[attribute].kind not in _NUMBERS
    ]
    if not section.get("columns"):
        faults.append(_wrong(where, Text(f"[tables.{name}] 没有 columns",
                                         f"[tables.{name}] has no columns")))  # fmt: skip
    return faults
