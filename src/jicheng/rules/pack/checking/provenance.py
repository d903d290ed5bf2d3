"""Provenance and validity that contradict themselves."""

from __future__ import annotations

from collections.abc import Iterator

from jicheng.errors import Fault, Text, Where, fault
from jicheng.rules.pack.model import (
    Condition,
    Definition,
    Element,
    Indicator,
    Missing,
    Pack,
    Provenance,
)

__all__ = ["status_faults", "validity_faults"]


def status_faults(pack: Pack) -> Iterator[Fault]:
    """Find elements that are called missing and say something (E948)."""
    for element in pack.elements():
        if Provenance.MISSING in (element.status, element.numbers) and _says(element):
            key = "status" if element.status is Provenance.MISSING else "numbers"
            where = Where(element.file, row=element.line, column=f"{element.path}/{key}")
            yield fault("E948", where=where, name=element.id)


def _says(element: Element) -> bool:
    if isinstance(element, Indicator):
        return not isinstance(element.rule, Missing)
    if isinstance(element, Condition):
        return element.when is not None or bool(element.any_of or element.all_of)
    if isinstance(element, Definition):
        return bool(element.choices) or element.value is not None or element.rule is not None
    return False


def validity_faults(pack: Pack) -> Iterator[Fault]:
    """Find rules that end before they begin (E929)."""
    if pack.valid_from is None or pack.valid_until is None:
        return
    if pack.valid_until < pack.valid_from:
        start = pack.valid_from.isoformat()
        rule = Text(f"不早于 from（{start}）", f"not before from ({start})")
        where = Where(table=pack.file, column="valid/until")
        yield fault("E929", where=where, value=pack.valid_until.isoformat(), rule=rule)
