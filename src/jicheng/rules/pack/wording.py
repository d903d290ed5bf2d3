"""Rules said in words: expressions with the names that people know, in both languages.

The words live in ``schema/wording/packs.csv`` (``key,zh,en``).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from jicheng.errors import Text
from jicheng.rules.expression.nodes import (
    And,
    Arithmetic,
    Comparison,
    Extreme,
    Floor,
    Growth,
    Literal,
    Matches,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Operator,
    Or,
    OverPositive,
    Relation,
    Window,
    parts_of,
)
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.dictionary import Dictionary
from jicheng.rules.pack.model import Pack

__all__ = ["Wording", "figure", "join", "say"]

_RELATIONS = {
    Relation.AT_LEAST: "≥", Relation.ABOVE: ">", Relation.AT_MOST: "≤", Relation.BELOW: "<",
    Relation.EQUAL: "=",
}  # fmt: skip
_OPERATORS = {
    Operator.PLUS: "+", Operator.MINUS: "−", Operator.TIMES: "×", Operator.OVER: "/",
}  # fmt: skip
_RATIO = "ratio"
_MONEY = "CNY"


@cache
def _words() -> dict[str, Text]:
    file = resources.files("jicheng.schema").joinpath("wording", "packs.csv")
    rows = csv.DictReader(file.read_text("utf-8").splitlines())
    return {row["key"]: Text(row["zh"], row["en"]) for row in rows}


def say(key: str, **fields: Any) -> Text:
    """Return a sentence with its fields filled in, a :class:`Text` in each language.

    Raises
    ------
    KeyError
        If the key is unknown or a field is missing.
    """
    sentence = _words()[key]
    zh, en = (
        {name: _in(value, language) for name, value in fields.items()} for language in ("zh", "en")
    )
    return Text(sentence.zh.format(**zh), sentence.en.format(**en))


def _in(value: object, language: str) -> object:
    return value.in_language(language) if isinstance(value, Text) else value


def join(parts: Iterable[Text], key: str = "comma") -> Text:
    """Join texts by the words at ``key``: commas, semicolons, and, or."""
    made = list(parts)
    by = say(key)
    en = by.en if by.en.startswith((",", ";")) else f" {by.en} "
    zh = by.zh if key in ("comma", "semicolon") else f" {by.zh} "
    return Text(zh.join(one.zh for one in made), en.join(one.en for one in made))


def figure(value: float, unit: str = "") -> Text:
    """Return a number as people write it: money in 万 or millions, ratios in percent."""
    if unit == _RATIO:
        return Text(*[f"{_digits(100 * value)} %"] * 2)
    if unit == _MONEY and abs(value) >= 1e4:
        return Text(f"{_digits(value / 1e4)} 万元", f"{_digits(value / 1e6)} million CNY")
    return Text(*[_digits(value)] * 2)


def _digits(value: float) -> str:
    text = f"{value:,.10g}" if abs(value) < 1e10 else f"{value:.6g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


@dataclass(frozen=True)
class Wording:
    """Says expressions of a pack.

    Attributes
    ----------
    pack : Pack
        Whose definitions, groups and indicators they name.
    dictionary : Dictionary
        Labels and units of facts.
    """

    pack: Pack
    dictionary: Dictionary
    _labels: Mapping[str, Text] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        labels = {one.id: one.name for one in self.pack.definitions}
        labels |= {"score": say("score"), "direct_pass": say("direct_pass")}
        for group in self.pack.groups:
            labels[f"group.{group.id}"] = say("group_points", name=group.name)
        for element in self.pack.elements():
            if element.path.startswith("indicators/"):
                dotted = element.path.removeprefix("indicators/").replace("/", ".")
                labels[f"indicator.{dotted}"] = say("group_points", name=element.name)
        object.__setattr__(self, "_labels", labels)

    def of(self, expression: Expression) -> Text:
        """Say an expression."""
        return self._said(expression.root)

    def unit_of(self, expression: Expression) -> str:
        """Return the unit of a number, empty where none can be told."""
        return self._unit(expression.root)

    def _label(self, name: Name) -> Text:
        known = self._labels.get(name.id)
        if known is None:
            fact = self.dictionary.get(name.id)
            known = Text(name.id, name.id) if fact is None else fact.label
        if name.offset == 0:
            return known
        key = "year_before" if name.offset == -1 else "years_before"
        return say(key, of=known, years=-name.offset)

    def _said(self, node: Node) -> Text:
        match node:
            case Name():
                return self._label(node)
            case Literal():
                return figure(node.value)
            case Comparison():
                return self._comparison(node)
            case Arithmetic():
                return self._arithmetic(node)
            case And() | Or():
                return self._joined(node)
            case Not():
                return say("not", of=self._said(node.of))
            case Membership() | Matches():
                return self._choice(node)
            case Negative():
                return _around("−{}", self._nested(node.of))
            case _:
                return self._function(node)

    def _function(self, node: Node) -> Text:
        of = join(self._said(part) for part in parts_of(node))
        match node:
            case Window():
                return say("mean" if node.is_mean else "sum", of=of, years=node.years)
            case Growth():
                return say("official_growth" if node.is_official else "mean_growth", of=of)
            case Extreme():
                return say("largest_of" if node.is_largest else "smallest", of=of)
            case Floor():
                return say("floor", of=of)
            case OverPositive():
                above, below = self._nested(node.left), self._nested(node.right)
                return say("over_positive", above=above, below=below)
            case _:
                return say("count", of=of)

    def _comparison(self, node: Comparison) -> Text:
        left, right = (self._side(side, other) for side, other in _both(node.left, node.right))
        sign = _RELATIONS[node.relation]
        return Text(f"{left.zh} {sign} {right.zh}", f"{left.en} {sign} {right.en}")

    def _side(self, side: Node, other: Node) -> Text:
        """Say one side of a comparison; a number has the unit of the other side."""
        if isinstance(side, Literal):
            return figure(side.value, self._unit(other))
        return self._said(side)

    def _arithmetic(self, node: Arithmetic) -> Text:
        left, right = self._nested(node.left), self._nested(node.right)
        sign = _OPERATORS[node.operator]
        return Text(f"{left.zh} {sign} {right.zh}", f"{left.en} {sign} {right.en}")

    def _nested(self, node: Node) -> Text:
        said = self._said(node)
        return _around("({})", said) if isinstance(node, Arithmetic | Negative) else said

    def _joined(self, node: And | Or) -> Text:
        other = Or if isinstance(node, And) else And
        parts = [
            _around("({})", self._said(part)) if isinstance(part, other) else self._said(part)
            for part in node.parts
        ]
        return join(parts, "and" if isinstance(node, And) else "or")

    def _choice(self, node: Membership | Matches) -> Text:
        subject = self._label(node.subject)
        if isinstance(node, Matches):
            fact = self.dictionary.get(node.subject.id)
            is_choice = fact is not None and bool(fact.values)
            word = self._values(node.subject, [node.word.id])
            right = word if is_choice else self._label(node.word)
            return say("equals", left=subject, right=right)
        if node.list_name:
            return say("in_list", of=subject, name=self._label(Name(node.list_name)))
        values = self._values(node.subject, node.values)
        if len(node.values) == 1:
            return say("equals", left=subject, right=values)
        return say("in", of=subject, values=values)

    def _values(self, subject: Name, values: Sequence[str]) -> Text:
        fact = self.dictionary.get(subject.id)
        labels = {one.value: one.label for one in fact.choices} if fact is not None else {}
        return join(labels.get(value, Text(value, value)) for value in values)

    def _unit(self, node: Node) -> str:
        match node:
            case Name():
                return self._unit_of_name(node)
            case Growth():
                return _RATIO
            case Arithmetic(operator=Operator.OVER) | OverPositive():
                above, below = self._unit(node.left), self._unit(node.right)
                is_same = above == below or {above, below} <= {"persons", "count"}
                return _RATIO if above and is_same else ""
            case Arithmetic(operator=Operator.TIMES):
                units = {self._unit(part) for part in parts_of(node)} - {_RATIO, ""}
                return units.pop() if len(units) == 1 else ""
            case Arithmetic() | Window() | Extreme() | Negative() | Floor():
                return next(filter(None, map(self._unit, parts_of(node))), "")
            case _:
                return ""

    def _unit_of_name(self, name: Name) -> str:
        definition = next((one for one in self.pack.definitions if one.id == name.id), None)
        if definition is not None:
            value = definition.value
            return definition.unit or ("" if value is None else self._unit(value.root))
        fact = self.dictionary.get(name.id)
        return "" if fact is None else fact.unit


def _both(left: Node, right: Node) -> tuple[tuple[Node, Node], tuple[Node, Node]]:
    return (left, right), (right, left)


def _around(pattern: str, text: Text) -> Text:
    return Text(pattern.format(text.zh), pattern.format(text.en))
