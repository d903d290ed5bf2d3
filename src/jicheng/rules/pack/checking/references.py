"""Names that a pack uses: facts, definitions, groups and results that there are."""

from __future__ import annotations

from collections.abc import Iterator

from jicheng.checks.cycles import find_cycles
from jicheng.conform import nearest
from jicheng.errors import Fault, Text, Where, fault
from jicheng.rules.facts.dictionary import Dictionary, FactKind
from jicheng.rules.pack.checking.kinds import Kind, Reader
from jicheng.rules.pack.expressions import Place, expressions
from jicheng.rules.pack.model import Definition, Element, Indicator, Pack

__all__ = ["definition_faults", "group_faults", "name_faults", "nesting_faults", "peer_faults"]

_RESERVED = frozenset(
    {"score", "direct_pass", "group", "indicator", "sum", "mean", "official_growth",
     "mean_growth", "min", "max", "floor", "count"}
)  # fmt: skip
_DEEPEST = 20  # definitions below one another
_MOST_NAMES = 2000  # in a definition when all below it are written out
_GROUP = Text("分组", "group")
_NOT_IN_PASS = Text("得分和直通结果只能用于 pass", "results of scoring can only be used under pass")
_NO_POINTS = Text("本规则包没有指标，不计分", "this pack has no indicators, so there are no points")
_NO_DIRECT = Text("本规则包没有 direct_pass", "this pack has no direct_pass")
_NO_MEMBERS = Text("没有指标属于该分组", "no indicator belongs to this group")
_WANTED = {Place.CONDITION: Kind.CONDITION, Place.NUMBER: Kind.NUMBER, Place.EITHER: None}


def name_faults(pack: Pack, dictionary: Dictionary) -> Iterator[Fault]:
    """Find unknown names and pieces of the wrong kind in all expressions.

    Yields
    ------
    Fault
        E909, E940 and E941 as :class:`jicheng.rules.pack.checking.kinds.Reader` says; E942 a
        result used where there is none.
    """
    reader = Reader(dictionary, {one.id: one for one in pack.definitions})
    usable = _results(pack)
    elsewhere = dict.fromkeys(usable, _NOT_IN_PASS)
    for used in expressions(pack):
        results = usable if used.element.path.startswith("conditions/") else elsewhere
        yield from reader.faults(used.expression, _WANTED[used.place], results)


def _results(pack: Pack) -> dict[str, Text | None]:
    """Return names of results for pass conditions, and why one cannot be used."""
    members = {one.group for one in pack.indicators}
    found: dict[str, Text | None] = {
        "score": None if pack.indicators else _NO_POINTS,
        "direct_pass": None if pack.direct else _NO_DIRECT,
    }
    for group in pack.groups:
        found[f"group.{group.id}"] = None if group.id in members else _NO_MEMBERS
    for one in pack.elements():
        if isinstance(one, Indicator):
            dotted = one.path.removeprefix("indicators/").replace("/", ".")
            found[f"indicator.{dotted}"] = None
    return found


def _at(element: Element, key: str) -> Where:
    return Where(table=element.file, row=element.line, column=f"{element.path}/{key}")


def group_faults(pack: Pack) -> Iterator[Fault]:
    """Find indicators in a group that the pack does not have (E932)."""
    groups = [group.id for group in pack.groups]
    for element in pack.elements():
        if isinstance(element, Indicator) and element.group and element.group not in groups:
            near = nearest(element.group, groups, otherwise="—")
            where = _at(element, "group")
            yield fault("E932", where=where, kind=_GROUP, name=element.group, near=near)


def definition_faults(pack: Pack, dictionary: Dictionary) -> Iterator[Fault]:
    """Find definitions that hide a fact or a word of the language (E930)."""
    for one in pack.definitions:
        if one.id in dictionary and _stands_for_something(one):
            yield fault("E930", where=_at(one, "id"), name=one.id, what=_FACT)
        elif one.id in _RESERVED:
            yield fault("E930", where=_at(one, "id"), name=one.id, what=_WORD)


_FACT = Text("一个事实", "a fact")
_WORD = Text("规则语言的一个词", "a word of the language of rules")


def _stands_for_something(definition: Definition) -> bool:
    """Tell whether a definition gives a name to something: one in words hides nothing."""
    has_value = definition.value is not None or definition.rule is not None
    return has_value or bool(definition.choices)


def nesting_faults(pack: Pack) -> Iterator[Fault]:
    """Find definitions that lead back to themselves or rest on too many others.

    Yields
    ------
    Fault
        E912 a cycle; E931 more than 20 definitions below one another, or more than 2,000 names
        when all are written out: what uses them would take forever.
    """
    definitions = {one.id: one for one in pack.definitions}
    below: dict[str, list[str]] = {name: [] for name in definitions}
    for used in expressions(pack):
        if isinstance(used.element, Definition):
            names = (name.id for name in used.expression.names)
            below[used.element.id] += [name for name in names if name in definitions]
    arrows = [(name, other) for name, others in below.items() for other in others]
    cycles = find_cycles(list(dict.fromkeys(arrows)))
    for cycle in cycles:
        where = _at(definitions[cycle[0]], "value")
        yield fault("E912", where=where, nodes=" → ".join(cycle))
    for name in [] if cycles else _excessive(below):
        where = _at(definitions[name], "value")
        yield fault("E931", where=where, name=name, deepest=_DEEPEST, most=_MOST_NAMES)


def _excessive(below: dict[str, list[str]]) -> list[str]:
    """Return the definitions that are too deep or too much when written out."""
    sizes = dict.fromkeys(below, 1)
    changed: list[str] = []
    for _ in range(_DEEPEST):  # then sizes stand still, unless some go deeper
        longer = {
            name: min(_MOST_NAMES + 1, 1 + sum(sizes[other] for other in others))
            for name, others in below.items()
        }
        changed = [name for name in below if longer[name] != sizes[name]]
        sizes = longer
    return [name for name in below if name in changed or sizes[name] > _MOST_NAMES]


def peer_faults(pack: Pack, dictionary: Dictionary) -> Iterator[Fault]:
    """Find peer groups and stages of weights that no choice tells apart.

    Yields
    ------
    Fault
        E909 an unknown fact, E940 one that is no choice, E941 a stage that it does not have.
    """
    if pack.peers is None:
        return
    for key, name in (("stage", pack.peers.stage), ("field", pack.peers.field)):
        where = Where(table=pack.file, column=f"peers/{key}")
        if name not in dictionary:
            yield fault("E909", where=where, name=name, near=dictionary.nearest(name))
        elif dictionary[name].kind is not FactKind.CHOICE:
            found = Text("其他类型", dictionary[name].kind.value)
            wanted = Text("选项", "a choice")
            yield fault("E940", where=where, piece=name, wanted=wanted, found=found)
    yield from _stages(pack, dictionary)


def _stages(pack: Pack, dictionary: Dictionary) -> Iterator[Fault]:
    fact = dictionary.get(pack.peers.stage) if pack.peers is not None else None
    if pack.weights is None or fact is None:
        return
    for stage in pack.weights.by_stage:
        if fact.values and stage not in fact.values:
            path = f"weights/by_stage/{stage}"
            where = Where(table=pack.file, row=pack.weights.line, column=path)
            yield fault(
                "E941", where=where, value=stage, name=fact.name,
                near=nearest(stage, fact.values, otherwise="—"), allowed=", ".join(fact.values),
            )  # fmt: skip
