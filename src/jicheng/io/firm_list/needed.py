"""Which columns a list of firms needs for some packs: their facts, year by year.

Derived facts are asked for by what they follow from (assets and liabilities, not net
assets), and months registered by the day of foundation; both are read all the same where
a list has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jicheng.errors import Text
from jicheng.io.firm_list.columns import (
    CREDIT_CODE,
    FOUNDED,
    FROM_FOUNDATION,
    NAME,
    CellKind,
    Column,
    Option,
)
from jicheng.rules.expression.nodes import Name
from jicheng.rules.facts.dictionary import Dictionary, FactDefinition, FactKind, fact_dictionary
from jicheng.rules.pack.expressions import facts_needed, used_facts
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.names import CHOSEN, JUDGED

__all__ = ["columns_for", "dictionary_for"]

_KINDS = {
    FactKind.NUMBER: CellKind.NUMBER,
    FactKind.CONDITION: CellKind.CONDITION,
    FactKind.CHOICE: CellKind.CHOICE,
}
# Other words for a fact in the lists of firms and zones.
_ALSO = {
    "staff_total": ("从业人数", "职工人数", "员工总数", "从业人员数"),
    "tech_staff": ("科技人员数",),
    "rd_expense": ("研发投入", "研究开发费用"),
    "revenue": ("销售收入",),
}
_NEVER = ("qualification_age:", "qualification_rank:")


def dictionary_for(packs: Sequence[Pack]) -> Dictionary:
    """Return the dictionary of facts with the judgements and choices that the packs bring."""
    dictionary = fact_dictionary()
    own = {
        fact.name: fact
        for pack in packs
        for fact in facts_needed(pack, dictionary)
        if fact.name not in dictionary
    }
    return dictionary.with_facts(own.values())


def columns_for(packs: Sequence[Pack], year: int) -> tuple[Column, ...]:
    """Return the columns that a list needs for these packs.

    Parameters
    ----------
    packs : sequence of Pack
        Checked.
    year : int
        The evaluation year.

    Returns
    -------
    tuple of Column
        The name and the credit code, then what the firm knows, by year with the oldest
        first, then what reviewers judge; at the end what is read but not asked for.
    """
    dictionary = dictionary_for(packs)
    asked: dict[Name, list[str]] = {}
    derived: dict[Name, list[str]] = {}
    for pack in packs:
        own = (Name(fact.name) for fact in facts_needed(pack, dictionary) if _is_own(fact))
        for name in (*used_facts(pack, dictionary), *own):
            _ask(name, pack.id, dictionary, asked, derived)
    columns = [_column(name, ids, dictionary, year) for name, ids in asked.items()]
    if any(column.fact in FROM_FOUNDATION for column in columns):
        asking = {one for c in columns if c.fact in FROM_FOUNDATION for one in c.packs}
        columns.append(replace(FOUNDED, packs=tuple(sorted(asking))))
    for name, ids in derived.items():
        column = _column(name, ids, dictionary, year)
        if column.kind is not CellKind.CHOICE:
            columns.append(replace(column, is_offered=False))
    return NAME, CREDIT_CODE, *sorted(columns, key=_place)


# What staff have at hand first; the rest follows by name.
_ORDER = (
    "size", "stage", "tech_field", "staff_total", "tech_staff", "rd_staff", "revenue",
    "main_revenue", "total_income", "ht_product_income", "cost_total", "net_profit",
    "assets_total", "liabilities", "rd_expense", "rd_domestic",
)  # fmt: skip
_KIND_ORDER = (CellKind.CHOICE, CellKind.NUMBER, CellKind.CONDITION)


def _place(column: Column) -> tuple[bool, bool, bool, int, bool, int, str, int]:
    """Return where a column stands: by who fills it in, by kind, then by what is at hand."""
    first = (FOUNDED.fact, *_ORDER)
    return (
        not column.is_offered,
        column.is_judged,
        column.fact.startswith(f"{CHOSEN}."),
        _KIND_ORDER.index(column.kind),
        column.year is not None,
        first.index(column.fact) if column.fact in first else len(first),
        column.fact,
        column.offset,
    )


def _ask(
    name: Name,
    pack: str,
    dictionary: Dictionary,
    asked: dict[Name, list[str]],
    derived: dict[Name, list[str]],
) -> None:
    """Note a fact, a derived one by what it follows from."""
    rule = dictionary[name.id].of
    noted = asked if rule is None else derived
    packs = noted.setdefault(name, [])
    if pack in packs:
        return
    packs.append(pack)
    for below in rule.names if rule is not None else ():
        _ask(Name(below.id, below.offset + name.offset), pack, dictionary, asked, derived)


def _column(name: Name, packs: Iterable[str], dictionary: Dictionary, year: int) -> Column:
    fact = dictionary[name.id]
    label = _label(fact)
    return Column(
        fact=fact.name,
        kind=_KINDS[fact.kind],
        label=label,
        help=fact.help if fact.help.zh else label,
        offset=name.offset,
        year=year + name.offset if fact.is_yearly else None,
        unit=fact.unit,
        minimum=fact.minimum,
        maximum=fact.maximum,
        is_integer=fact.is_integer and fact.unit != "CNY",
        options=tuple(Option(one.value, one.label) for one in fact.choices),
        packs=tuple(packs),
        is_judged=fact.name.startswith(f"{JUDGED}."),
        may_be_never=fact.origin.startswith(_NEVER),
        also=_ALSO.get(fact.name, ()),
        is_offered=not _is_left_to_the_foundation(fact),
    )


def _label(fact: FactDefinition) -> Text:
    """Return the heading of a fact; what reviewers and applicants decide says so."""
    if fact.name.startswith(f"{JUDGED}."):
        return Text(f"评审：{fact.label.zh}", f"Judged: {fact.label.en}")
    if fact.name.startswith(f"{CHOSEN}."):
        return Text(f"按哪一项计：{fact.label.zh}", f"Which counts: {fact.label.en}")
    return fact.label


def _is_own(fact: FactDefinition) -> bool:
    return fact.name.startswith((f"{JUDGED}.", f"{CHOSEN}."))


def _is_left_to_the_foundation(fact: FactDefinition) -> bool:
    return fact.name in FROM_FOUNDATION
