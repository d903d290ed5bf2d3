"""Which rules a policy goes by: its pack, in the version in force, and its own condition."""

from __future__ import annotations

import ast
import datetime
from collections.abc import Mapping
from dataclasses import replace

from jicheng.conform import nearest
from jicheng.errors import InvalidInput, Text, Where, fault
from jicheng.rules.expression.syntax import Expression, parse
from jicheng.rules.facts.dictionary import Dictionary, fact_dictionary
from jicheng.rules.pack.model import Condition, Pack, PackKind, Provenance, Subject
from jicheng.select.policies.model import Policy, PolicySubject

__all__ = ["CONDITION", "check_names", "find_pack", "is_in_force", "rules_of"]

CONDITION = "gates/policy_condition"
"""Path of the gate that holds a policy's own condition."""

_CONDITION_NAME = Text("政策附加条件", "The policy's own condition")
_UNKNOWN_NAME = Text("政策的判定规则缺失", "The policy's rules are missing")
_SUBJECTS = {
    PolicySubject.ORGANISATION: Subject.ORGANISATION,
    PolicySubject.PERSON: Subject.PERSON,
    PolicySubject.TEAM: Subject.PERSON,
    PolicySubject.CONSORTIUM: Subject.CONSORTIUM,
}


def is_in_force(pack: Pack, on: datetime.date) -> bool:
    """Tell whether a pack holds on a day; a day that is not known limits nothing."""
    return (pack.valid_from is None or pack.valid_from <= on) and (
        pack.valid_until is None or on <= pack.valid_until
    )


def find_pack(
    reference: str, packs: Mapping[str, Pack], on: datetime.date, *, where: Where | None = None
) -> Pack:
    """Return the pack that a reference means.

    Parameters
    ----------
    reference : str
        ``id@version``, or ``id`` for the version in force.
    packs : mapping of str to Pack
        By ``id@version``.
    on : date
        Day for which a version is chosen: of those in force the one that came last, else
        of all of them.
    where : Where, optional
        Place of the reference.

    Raises
    ------
    InvalidInput
        E971 if there is no such pack.
    """
    if reference in packs:
        return packs[reference]
    versions = [packs[key] for key in packs if key.rsplit("@", 1)[0] == reference]
    if not versions:
        names = dict.fromkeys(name for key in packs for name in (key, key.rsplit("@", 1)[0]))
        near = nearest(reference, list(names), otherwise=", ".join(packs) or "-")
        raise InvalidInput.of("E971", where=where, pack=reference, near=near)
    current = [pack for pack in versions if is_in_force(pack, on)]
    earliest = datetime.date.min
    return max(current or versions, key=lambda pack: (pack.valid_from or earliest, pack.version))


def rules_of(
    policy: Policy,
    packs: Mapping[str, Pack],
    on: datetime.date,
    dictionary: Dictionary | None = None,
) -> Pack:
    """Return the rules of a policy as one pack.

    Its own condition is one more gate; if it asks for points, one more pass condition, which
    only a pack without direct passes can have. Without a pack and a condition there is a
    single gate whose text is missing: unknown for everybody.

    Raises
    ------
    InvalidInput
        E971 if its pack is not known, E974 if the pack judges other subjects than the
        policy benefits, E900-E919 if its condition is not in the language of rules or asks
        for a name that is no fact.
    """
    pack = None
    if policy.rule_pack:
        place = Where("policies", column=f"{policy.id} rule_pack")
        pack = find_pack(policy.rule_pack, packs, on, where=place)
        if pack.subject is not _SUBJECTS[policy.subject]:
            raise InvalidInput.of(
                "E974", where=place, pack=pack.key, judged=pack.subject.value,
                wanted=policy.subject.value,
            )  # fmt: skip
        if not policy.condition:
            return pack
    gate = _gate(policy)
    for one in (gate, *gate.all_of):
        if one.when is not None:
            check_names(one.when, dictionary or fact_dictionary(), pack)
    if pack is not None:
        if _asks_for_results(gate):
            return replace(pack, conditions=(*pack.conditions, gate))
        return replace(pack, gates=(*pack.gates, gate))
    return Pack(
        id=policy.id, version="", name=policy.name, kind=PackKind.ELIGIBILITY,
        subject=_SUBJECTS[policy.subject], gates=(gate,),
    )  # fmt: skip


def check_names(expression: Expression, dictionary: Dictionary, pack: Pack | None = None) -> None:
    """Refuse names that are neither facts nor defined in the pack.

    Raises
    ------
    InvalidInput
        E909 for each of them.
    """
    defined = {element.id for element in pack.definitions} if pack else set()
    if pack and not pack.direct:
        defined |= {name.id for name in expression.names if _is_result(name.id, pack)}
    lost = sorted({name.id for name in expression.names} - {*dictionary, *defined})
    if lost:
        raise InvalidInput(
            fault("E909", where=expression.where, name=name, near=dictionary.nearest(name))
            for name in lost
        )


def _is_result(name: str, pack: Pack) -> bool:
    """Tell whether a name stands for points that the pack gives."""
    kind, _, of = name.partition(".")
    if kind == "group":
        return any(group.id == of for group in pack.groups)
    if kind == "indicator":
        path = "indicators/" + of.replace(".", "/")
        return any(element.path == path for element in pack.elements())
    return name == "score" and bool(pack.indicators)


def _asks_for_results(gate: Condition) -> bool:
    names = [name for one in (gate, *gate.all_of) if one.when for name in one.when.names]
    return any(name.id.split(".")[0] in ("score", "group", "indicator") for name in names)


def _gate(policy: Policy) -> Condition:
    """Return a policy's own condition; its parts joined by ``and`` are told apart."""
    place = Where("policies", column=f"{policy.id} condition")
    if not policy.condition:
        return _condition(CONDITION, _UNKNOWN_NAME, Provenance.MISSING)
    whole = parse(policy.condition, where=place)
    parts = _joined_by_and(whole)
    if len(parts) == 1:
        return _condition(CONDITION, _CONDITION_NAME, Provenance.OURS, when=whole)
    below = tuple(
        _condition(
            f"{CONDITION}/{i}",
            Text(f"{_CONDITION_NAME.zh} {i}", f"{_CONDITION_NAME.en} ({i})"),
            Provenance.OURS,
            when=part,
        )
        for i, part in enumerate(parts, 1)
    )
    return replace(_condition(CONDITION, _CONDITION_NAME, Provenance.OURS), all_of=below)


def _condition(
    path: str, name: Text, status: Provenance, *, when: Expression | None = None
) -> Condition:
    return Condition(
        id=path.rsplit("/", 1)[-1],
        path=path,
        name=name,
        status=status,
        numbers=status,
        file="policies",
        when=when,
    )


def _joined_by_and(whole: Expression) -> list[Expression]:
    """Return the parts of a condition that must all hold."""
    top = ast.parse(whole.text, mode="eval").body
    if not (isinstance(top, ast.BoolOp) and isinstance(top.op, ast.And)):
        return [whole]
    segments = [ast.get_source_segment(whole.text, part) or "" for part in top.values]
    return [parse(segment, where=whole.where) for segment in segments]
