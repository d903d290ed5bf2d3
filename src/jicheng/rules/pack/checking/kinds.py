"""What kind of thing each piece of an expression is, and whether it may stand where it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from jicheng.conform import nearest
from jicheng.errors import Fault, Text, Where, fault
from jicheng.rules.expression.nodes import (
    FOUNDED,
    And,
    Comparison,
    Count,
    Growth,
    Literal,
    Matches,
    Membership,
    Name,
    Node,
    Not,
    Or,
    Window,
    parts_of,
)
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.dictionary import Dictionary
from jicheng.rules.pack.model import Definition

__all__ = ["Kind", "Reader"]


class Kind(StrEnum):
    """What a name or a piece of an expression is."""

    NUMBER = "number"
    CONDITION = "condition"
    CHOICE = "choice"
    LIST = "list"
    WORDS = "words"  # a definition in words only
    UNKNOWN = "unknown"  # reported already


_KINDS = {
    Kind.NUMBER: Text("数值", "a number"),
    Kind.CONDITION: Text("条件", "a condition"),
    Kind.CHOICE: Text("选项", "a choice"),
    Kind.LIST: Text("选项列表", "a list of choices"),
    Kind.WORDS: Text("文字说明", "a rule in words"),
}
_YEARLY = Text("逐年的事实", "a fact of each year")
_NOT_YEARLY = Text("不分年度的事实", "one that has no years")


@dataclass(frozen=True)
class Reader:
    """Goes through expressions with what a pack knows.

    Attributes
    ----------
    dictionary : Dictionary
        All facts.
    definitions : mapping of str to Definition
        Of the pack; without cycles.
    """

    dictionary: Dictionary
    definitions: Mapping[str, Definition]

    def faults(
        self, expression: Expression, wanted: Kind | None, results: Mapping[str, Text | None]
    ) -> Iterator[Fault]:
        """Find unknown names and pieces of the wrong kind.

        Parameters
        ----------
        expression : Expression
            Of the pack.
        wanted : Kind or None
            What it must be; None = a number or a condition.
        results : mapping of str to Text or None
            Names of results (``score``, ``group.x``) and why they cannot be used here; None =
            they can.

        Yields
        ------
        Fault
            E909 an unknown name, E940 a wrong kind, E941 a value that a choice does not have,
            E942 a result that cannot be used here.
        """
        walk = _Walk(self, expression.where, results)
        found = walk.kind(expression.root)
        if wanted is None:
            wanted = found if found in (Kind.NUMBER, Kind.CONDITION) else Kind.NUMBER
        walk.expect(found, wanted, expression.root)
        yield from walk.faults

    def kind_of(self, name: str) -> Kind:
        """Return what a fact or a definition is."""
        definition = self.definitions.get(name)
        if definition is None:
            fact = self.dictionary.get(name)
            return Kind.UNKNOWN if fact is None else Kind(fact.kind.value)
        if definition.choices:
            return Kind.LIST
        if definition.rule is not None:
            return Kind.NUMBER
        if definition.value is None:
            return Kind.WORDS
        is_condition = definition.value.is_condition
        if is_condition is not None:
            return Kind.CONDITION if is_condition else Kind.NUMBER
        return self.kind_of(definition.value.names[0].id)

    def is_yearly(self, name: str) -> bool:
        """Tell whether a name has a value in each year; of a definition, all it rests on."""
        definition = self.definitions.get(name)
        if definition is None:
            fact = self.dictionary.get(name)
            return fact is None or fact.is_yearly
        if definition.value is None:
            return definition.rule is None
        return all(self.is_yearly(one.id) for one in definition.value.names)


@dataclass
class _Walk:
    """One expression: the kinds of its pieces, and the faults met on the way."""

    reader: Reader
    where: Where
    results: Mapping[str, Text | None]

    def __post_init__(self) -> None:
        self.faults: list[Fault] = []

    def expect(self, found: Kind, wanted: Kind, node: Node) -> None:
        if found not in (wanted, Kind.UNKNOWN):
            self._wrong(node, _KINDS[wanted], _KINDS[found])

    def _wrong(self, node: Node, wanted: Text, found: Text) -> None:
        piece = str(node) if isinstance(node, Name) else "…"
        self.faults.append(fault("E940", where=self.where, piece=piece, wanted=wanted, found=found))

    def kind(self, node: Node) -> Kind:
        """Return what a node is, and note what is wrong below it."""
        match node:
            case Name():
                return self.named(node)
            case Literal():
                return Kind.NUMBER
            case Membership():
                self.membership(node)
                return Kind.CONDITION
            case Matches():
                self.matches(node)
                return Kind.CONDITION
            case And() | Or() | Not() | Count():
                self.all_are(node, Kind.CONDITION)
                return Kind.NUMBER if isinstance(node, Count) else Kind.CONDITION
            case Comparison():
                self.all_are(node, Kind.NUMBER)
                return Kind.CONDITION
            case Window() | Growth():
                self.all_are(node, Kind.NUMBER)
                self.years(node.of)
                return Kind.NUMBER
            case _:  # arithmetic
                self.all_are(node, Kind.NUMBER)
                return Kind.NUMBER

    def all_are(self, node: Node, wanted: Kind) -> None:
        """Demand one kind of all nodes directly below one."""
        for part in parts_of(node):
            self.expect(self.kind(part), wanted, part)

    def named(self, name: Name) -> Kind:
        """Return what a name is; note one that nothing has."""
        if name.id in self.results:
            reason = self.results[name.id]
            if reason is not None:
                self.faults.append(fault("E942", where=self.where, name=name.id, reason=reason))
            return Kind.CONDITION if name.id == "direct_pass" else Kind.NUMBER
        if name.id not in self.reader.dictionary and name.id not in self.reader.definitions:
            known = [*self.reader.dictionary, *self.reader.definitions, *self.results]
            near = nearest(name.id, known, otherwise="—")
            self.faults.append(fault("E909", where=self.where, name=name.id, near=near))
            return Kind.UNKNOWN
        if name.offset and not self.reader.is_yearly(name.id):
            self._wrong(name, _YEARLY, _NOT_YEARLY)
        return self.reader.kind_of(name.id)

    def years(self, node: Node) -> None:
        """Demand facts of each year below a window or a growth."""
        for part in (node, *parts_of(node)):
            is_fact = isinstance(part, Name) and part.id != FOUNDED and part.id not in self.results
            if isinstance(part, Name) and is_fact and not self.reader.is_yearly(part.id):
                self._wrong(part, _YEARLY, _NOT_YEARLY)
            elif part is not node:
                self.years(part)

    def membership(self, node: Membership) -> None:
        """Check ``x in [a, b]`` and ``x in names``."""
        if not self.is_choice(node.subject):
            return
        values = node.values
        if node.list_name:
            listed = self.reader.definitions.get(node.list_name)
            if listed is None or not listed.choices:
                kind = self.named(Name(node.list_name))
                self.expect(kind, Kind.LIST, Name(node.list_name))
                return
            values = listed.choices
        for value in values:
            self.value(node.subject, value)

    def matches(self, node: Matches) -> None:
        """Check ``x == word``: a choice and one of its values, or two numbers."""
        found = self.named(node.subject)
        if found is Kind.CHOICE:
            self.value(node.subject, node.word.id)
        elif found is not Kind.UNKNOWN:
            self.expect(found, Kind.NUMBER, node.subject)
            self.expect(self.named(node.word), Kind.NUMBER, node.word)

    def is_choice(self, name: Name) -> bool:
        """Tell whether a name is a choice; note it if not."""
        found = self.named(name)
        self.expect(found, Kind.CHOICE, name)
        return found is Kind.CHOICE

    def value(self, subject: Name, value: str) -> None:
        """Note a value that a choice cannot have."""
        known = self.reader.dictionary.get(subject.id)
        if known is not None and known.values and value not in known.values:
            near = nearest(value, known.values, otherwise="—")
            self.faults.append(
                fault(
                    "E941", where=self.where, value=value, name=subject.id, near=near,
                    allowed=", ".join(known.values),
                )
            )  # fmt: skip
