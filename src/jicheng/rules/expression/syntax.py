"""The language of rules: arithmetic, comparisons and conditions over facts.

A subset of Python's expressions, read by Python's own parser and then node by node
through a list of what is allowed; nothing is ever run. Everything else is refused with
its place and a remedy.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NoReturn

from jicheng.conform import nearest
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.rules.expression.nodes import (
    GROWTH_YEARS,
    And,
    Arithmetic,
    Comparison,
    Count,
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
    names_of,
    parts_of,
)  # fmt: skip

__all__ = ["Expression", "parse"]

_LONGEST = 4000  # characters
_DEEPEST = 60  # levels of brackets and operators
_OLDEST = 20  # years back
_WIDEST = 100  # years that windows inside one another may multiply to
_OPERATORS: dict[type[ast.AST], Operator] = {
    ast.Add: Operator.PLUS, ast.Sub: Operator.MINUS, ast.Mult: Operator.TIMES,
    ast.Div: Operator.OVER,
}  # fmt: skip
_RELATIONS: dict[type[ast.AST], Relation] = {
    ast.GtE: Relation.AT_LEAST, ast.Gt: Relation.ABOVE, ast.LtE: Relation.AT_MOST,
    ast.Lt: Relation.BELOW,
}  # fmt: skip
_FUNCTIONS = {
    "sum": "sum(x, n)", "mean": "mean(x, n)", "official_growth": "official_growth(x)",
    "mean_growth": "mean_growth(x)", "min": "min(x, y, ...)", "max": "max(x, y, ...)",
    "floor": "floor(x)", "count": "count(a, b, ...)", "over_positive": "over_positive(x, y)",
}  # fmt: skip
_CONDITIONS = (Comparison, Membership, Matches, And, Or, Not)
_NUMBER = Text("数值", "a number")
_CONDITION = Text("条件", "a condition")


@dataclass(frozen=True)
class Expression:
    """An expression of a pack as it was written, parsed.

    Attributes
    ----------
    text : str
        As it was written.
    root : Node
        What it says.
    where : Where
        Where it was written, for faults that show only later.
    """

    text: str
    root: Node
    where: Where = field(default=Where(), compare=False)

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """Facts, definitions and results that it refers to, one entry for each year.

        Without :attr:`words`.
        """
        return tuple(dict.fromkeys(names_of(self.root)))

    @cached_property
    def words(self) -> tuple[Matches, ...]:
        """Equalities of two names: the second is a value if the first is a choice."""
        return tuple(node for node in _all_of(self.root) if isinstance(node, Matches))

    @property
    def is_condition(self) -> bool | None:
        """Whether it is true or false rather than a number; None = its only name decides."""
        return None if isinstance(self.root, Name) else isinstance(self.root, _CONDITIONS)


def _all_of(node: Node) -> list[Node]:
    return [node, *(below for part in parts_of(node) for below in _all_of(part))]


def parse(text: str, *, where: Where | None = None) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : str
        At most 4,000 characters; line breaks count as blanks.
    where : Where, optional
        Its place in a pack, for faults.

    Returns
    -------
    Expression
        Made of own frozen nodes.

    Raises
    ------
    InvalidInput
        E900 empty, E901 not readable, E902 a construct that the language does not have,
        E903 an unknown function, E904 wrong arguments, E905 too long or too deep, E906 a
        number out of range, E907 a wrong year, E908 a number where a condition belongs or
        the other way round.
    """
    line = " ".join(text.splitlines()).strip()
    reader = _Reader(line, where or Where())
    if not line:
        reader.refuse("E900")
    if len(line) > _LONGEST:
        reader.refuse("E905", longest=_LONGEST, deepest=_DEEPEST)
    tree = reader.tree()
    return Expression(line, reader.any(tree), reader.where)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns Python's nodes into ours, those that are allowed."""

    text: str
    where: Where
    depth: int = 0
    years: int = 1  # for which what is read now has to be evaluated

    def refuse(self, code: str, node: ast.AST | None = None, **fields: Any) -> NoReturn:
        """Raise a fault that names the piece of text and where it begins."""
        raise InvalidInput([self._fault(code, node, fields)])

    def _fault(self, code: str, node: ast.AST | None, fields: dict[str, Any]) -> Fault:
        piece, position = self.text, 1
        if isinstance(node, ast.expr):
            piece = ast.get_source_segment(self.text, node) or self.text
            position = len(self.text.encode()[: node.col_offset].decode(errors="ignore")) + 1
        short = piece if len(piece) <= 60 else f"{piece[:57]}..."
        filled = {"piece": short, "position": position, **fields}
        return fault(code, where=self.where, **filled)

    def tree(self) -> ast.expr:
        """Let Python read the text."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python's advice on style, such as ``1 is x``
                return ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            self.refuse("E901", position=error.offset or 1)
        except (RecursionError, MemoryError):
            self.refuse("E905", longest=_LONGEST, deepest=_DEEPEST)
        except ValueError:  # a null byte, or a number of thousands of digits
            self.refuse("E901", position=1)

    def deeper(self, node: ast.AST) -> _Reader:
        """Return a reader for the parts of ``node``."""
        if self.depth >= _DEEPEST:
            self.refuse("E905", node, longest=_LONGEST, deepest=_DEEPEST)
        return replace(self, depth=self.depth + 1)

    def over(self, years: int, node: ast.AST) -> _Reader:
        """Return a reader for what a window looks at in each of its years."""
        if self.years * years > _WIDEST:
            self.refuse("E905", node, longest=_LONGEST, deepest=_DEEPEST)
        return replace(self, years=self.years * years)

    def any(self, node: ast.expr) -> Node:
        """Read a number or a condition."""
        match node:
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return self.condition(node)
            case _:
                return self.number(node)

    def condition(self, node: ast.expr) -> Node:
        """Read something that is true or false; a name may be."""
        below = self.deeper(node)
        match node:
            case ast.BoolOp(op=operator):
                parts = tuple(below.condition(part) for part in node.values)
                return And(parts) if isinstance(operator, ast.And) else Or(parts)
            case ast.UnaryOp(op=ast.Not()):
                return Not(below.condition(node.operand))
            case ast.Compare():
                return below.comparisons(node)
            case ast.Name() | ast.Attribute():
                return self.name(node)
            case ast.Constant(value=bool()) | ast.Constant(value=None) | ast.Constant(value=str()):
                self.refuse("E902", node)
        found = self.number(node)  # faults of the number itself come first
        if isinstance(found, Name):  # a year of a fact that is true or false
            self.refuse("E907", node, oldest=_OLDEST)
        self.refuse("E908", node, wanted=_CONDITION, found=_NUMBER)

    def number(self, node: ast.expr) -> Node:
        """Read a number; a name may be one."""
        below = self.deeper(node)
        match node:
            case ast.Constant():
                return self.literal(node)
            case ast.Name() | ast.Attribute():
                return self.name(node)
            case ast.Subscript():
                return self.year(node)
            case ast.UnaryOp(op=ast.USub()):
                return _negated(below.number(node.operand))
            case ast.UnaryOp(op=ast.UAdd()):
                return below.number(node.operand)
            case ast.BinOp(op=operator) if type(operator) in _OPERATORS:
                left, right = below.number(node.left), below.number(node.right)
                return Arithmetic(_OPERATORS[type(operator)], left, right)
            case ast.Call():
                return below.call(node)
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                self.refuse("E908", node, wanted=_NUMBER, found=_CONDITION)
        self.refuse("E902", node)

    def literal(self, node: ast.Constant) -> Literal:
        """Read a number as written."""
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self.refuse("E902", node)
        try:
            value = float(node.value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            self.refuse("E906", node)
        return Literal(value)

    def name(self, node: ast.expr) -> Name:
        """Read a name, with dots perhaps; names with two underscores are Python's own."""
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            self.refuse("E902", node)
        parts.append(inner.id)
        if any(part.startswith("_") for part in parts):
            self.refuse("E902", node)
        return Name(".".join(reversed(parts)))

    def year(self, node: ast.Subscript) -> Name:
        """Read ``x[-1]``."""
        years = _whole(node.slice)
        if not isinstance(node.value, ast.Name | ast.Attribute):
            self.refuse("E902", node)
        if years is None or not -_OLDEST <= years <= 0:
            self.refuse("E907", node, oldest=_OLDEST)
        return Name(self.name(node.value).id, years)

    def comparisons(self, node: ast.Compare) -> Node:
        """Read one comparison, or a chain: all of its links hold."""
        sides = [node.left, *node.comparators]
        links = [
            self.link(node, sides[i], operator, sides[i + 1]) for i, operator in enumerate(node.ops)
        ]
        return links[0] if len(links) == 1 else And(tuple(links))

    def link(
        self, whole: ast.Compare, left: ast.expr, operator: ast.cmpop, right: ast.expr
    ) -> Node:
        """Read one comparison."""
        if isinstance(operator, ast.In | ast.NotIn):
            found = self.membership(whole, left, right)
            return found if isinstance(operator, ast.In) else Not(found)
        if isinstance(operator, ast.Eq | ast.NotEq):
            found = self.equality(left, right)
            return found if isinstance(operator, ast.Eq) else Not(found)
        if type(operator) not in _RELATIONS:
            self.refuse("E902", whole)
        return _ordered(_RELATIONS[type(operator)], self.number(left), self.number(right))

    def equality(self, left: ast.expr, right: ast.expr) -> Node:
        """Read the equality of a choice and a word, or of two numbers."""
        match left, right:
            case (ast.Name() | ast.Attribute(), ast.Constant(value=str(word))):
                return Membership(self.name(left), (word,))
            case (ast.Name() | ast.Attribute(), ast.Name() | ast.Attribute()):
                return Matches(self.name(left), self.name(right))
        return _ordered(Relation.EQUAL, self.number(left), self.number(right))

    def membership(self, whole: ast.expr, left: ast.expr, right: ast.expr) -> Node:
        """Read ``x in [a, b]`` and ``x in names_of_a_definition``."""
        match right:
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                if elements and all(_is_number(element) for element in elements):
                    number = self.number(left)
                    return Or(tuple(
                        Comparison(Relation.EQUAL, number, self.number(element))
                        for element in elements
                    ))  # fmt: skip
                if elements:
                    return Membership(self.subject(left), tuple(map(self.word, elements)))
            case ast.Name():
                return Membership(self.subject(left), (), self.name(right).id)
        self.refuse("E902", whole)

    def subject(self, node: ast.expr) -> Name:
        """Read the name of a choice."""
        if not isinstance(node, ast.Name | ast.Attribute):
            self.refuse("E902", node)
        return self.name(node)

    def word(self, node: ast.expr) -> str:
        """Read one value of a choice, bare or in quotes."""
        match node:
            case ast.Constant(value=str(word)):
                return word
            case ast.Name():
                return self.name(node).id
        self.refuse("E902", node)

    def call(self, node: ast.Call) -> Node:
        """Read the call of a function of the language."""
        if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS:
            known = sorted(_FUNCTIONS)
            name = ast.get_source_segment(self.text, node.func) or ""
            self.refuse("E903", node, name=name[:60], near=nearest(name, known))
        if node.keywords or not node.args or any(isinstance(a, ast.Starred) for a in node.args):
            self._wrong_arguments(node)
        return _CALLS[node.func.id](self, node)

    def _wrong_arguments(self, node: ast.Call) -> NoReturn:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        self.refuse("E904", node, expected=_FUNCTIONS[name])

    def window(self, node: ast.Call) -> Node:
        """Read ``sum(x, n)`` and ``mean(x, n)``."""
        years = _whole(node.args[1]) if len(node.args) == 2 else None
        if years is None or not 1 <= years <= _OLDEST:
            self._wrong_arguments(node)
        is_mean = isinstance(node.func, ast.Name) and node.func.id == "mean"
        return Window(is_mean, self.over(years, node).number(node.args[0]), years)

    def growth(self, node: ast.Call) -> Node:
        """Read ``official_growth(x)`` and ``mean_growth(x)``."""
        is_official = isinstance(node.func, ast.Name) and node.func.id == "official_growth"
        return Growth(is_official, self.over(GROWTH_YEARS, node).only_argument(node))

    def floor(self, node: ast.Call) -> Node:
        """Read ``floor(x)``."""
        return Floor(self.only_argument(node))

    def only_argument(self, node: ast.Call) -> Node:
        """Read the one argument of a function of one number."""
        if len(node.args) != 1:
            self._wrong_arguments(node)
        return self.number(node.args[0])

    def extreme(self, node: ast.Call) -> Node:
        """Read ``min(x, y)`` and ``max(x, y)``."""
        if len(node.args) < 2:
            self._wrong_arguments(node)
        is_largest = isinstance(node.func, ast.Name) and node.func.id == "max"
        return Extreme(is_largest, tuple(self.number(part) for part in node.args))

    def over_positive(self, node: ast.Call) -> Node:
        """Read ``over_positive(x, y)``."""
        if len(node.args) != 2:
            self._wrong_arguments(node)
        above, below = (self.number(part) for part in node.args)
        return OverPositive(above, below)

    def count(self, node: ast.Call) -> Node:
        """Read ``count(a, b)``."""
        return Count(tuple(self.condition(part) for part in node.args))


_CALLS: dict[str, Callable[[_Reader, ast.Call], Node]] = {
    "sum": _Reader.window, "mean": _Reader.window, "official_growth": _Reader.growth,
    "mean_growth": _Reader.growth, "min": _Reader.extreme, "max": _Reader.extreme,
    "floor": _Reader.floor, "count": _Reader.count, "over_positive": _Reader.over_positive,
}  # fmt: skip
_MIRRORED = {
    Relation.AT_LEAST: Relation.AT_MOST, Relation.ABOVE: Relation.BELOW,
    Relation.AT_MOST: Relation.AT_LEAST, Relation.BELOW: Relation.ABOVE,
    Relation.EQUAL: Relation.EQUAL,
}  # fmt: skip


def _ordered(relation: Relation, left: Node, right: Node) -> Comparison:
    """Put a bound on the right, where the tolerance is taken from it."""
    if isinstance(left, Literal) and not isinstance(right, Literal):
        return Comparison(_MIRRORED[relation], right, left)
    return Comparison(relation, left, right)


def _negated(node: Node) -> Node:
    return Literal(-node.value) if isinstance(node, Literal) else Negative(node)


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _whole(node: ast.expr) -> int | None:
    """Return a whole number as written; None = something else."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return None if isinstance(value, bool) else -value
        case ast.Constant(value=int(value)):
            return None if isinstance(value, bool) else value
    return None
