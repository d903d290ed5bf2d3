"""Part the name of an organisation into what it says.

A firm is region + brand + industry + legal form, the region also in brackets; a branch
or a department is the name of what it belongs to and a unit. Nothing is guessed: what no
list knows stays in the brand, and a brand is never emptied (清华大学 stays itself).
"""

from __future__ import annotations

import re
from functools import cache

from jicheng.integrate.resolve.names.gazetteer import leading_regions, region_named
from jicheng.integrate.resolve.names.latin import parse_latin
from jicheng.integrate.resolve.names.script import is_chinese, plain_name
from jicheng.integrate.resolve.names.types import NameParts
from jicheng.integrate.resolve.names.vocabulary import bodies, industries, legal_forms

__all__ = ["NameParts", "parse_name"]

_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_FORMER = re.compile(r"^(原名?|曾用名|前称|formerly)[::]?")
_EMPTY_NOTES = frozenset(("筹", "总部", "本部", "中国", "china"))
_MOST_INDUSTRIES = 4
_KINDS_OF_BODY = ("工业", "科技", "理工", "师范", "医科", "农业")
_PARENT = re.compile(
    r"^(.{2,}?(?:有限责任公司|股份有限公司|有限公司|股份公司|总公司|集团公司|集团(?!公司|总公司|股份|有限)|大学|中国科学院|中科院"
    r"|农业科学院|科学院|医科院|分公司))(.{2,})$"
)


def parse_name(text: str) -> NameParts:
    """Part a name, Chinese or Latin.

    Parameters
    ----------
    text : str
        As it is written: any width, traditional or simplified, with or without region
        and legal form.

    Returns
    -------
    NameParts
        Its parts; empty where the name does not say them.

    Examples
    --------
    >>> parse_name("廣東省廣州市翊圖智能科技（集團）有限公司深圳分公司")
    NameParts(region='广州', brand='翊图', industry='智能科技', form='limited', unit='深圳分公司', \
kind='branch', former='', language='zh')
    """
    name = plain_name(text)
    if not is_chinese(name):
        return parse_latin(name)
    name, placed, form, former = _brackets(name)
    parent, unit = _unit(name)
    if not unit and form:  # (有限合伙) after 合伙企业
        parent = _without_form(parent)[0]
    else:
        parent, form = _without_form(parent)
    found, rest = leading_regions(parent)
    if found and _is_bare(rest):
        found, rest = (), parent
    brand, industry = _industry(rest)
    region = found[-1].name if found else ""
    if found and found[-1].level == "district":
        region = found[-2].name if len(found) > 1 else found[-1].parent
    return NameParts(
        region=region or placed,
        brand=brand,
        industry=industry,
        form=form,
        unit=unit,
        kind=_kind(unit or rest, form, is_unit=bool(unit)),
        former=former,
    )


def _brackets(name: str) -> tuple[str, str, str, str]:
    """Take the brackets out of a name: region, form and former name that they say."""
    if "(" not in name and ")" not in name:
        return name, "", "", ""
    placed = form = former = ""

    def taken(match: re.Match[str]) -> str:
        nonlocal placed, form, former
        inside = match.group(1)
        region = region_named(inside)
        if region is not None:
            placed = placed or region.name
            return ""
        if _FORMER.match(inside):
            former = _FORMER.sub("", inside)
            return ""
        if inside in legal_forms() or "合伙" in inside:
            kind = legal_forms().get(inside, "partnership")
            form = form or (kind if kind == "partnership" else "")
            return ""
        return "" if inside in _EMPTY_NOTES else inside

    return _IN_BRACKETS.sub(taken, name).replace("(", "").replace(")", ""), placed, form, former


def _unit(name: str) -> tuple[str, str]:
    """Part off a branch or department; a firm whose name goes on is no unit."""
    match = _PARENT.match(name) if name.endswith(_body_words()) else None
    if match is None:
        return name, ""
    parent, unit = match.groups()
    inner = _unit(unit)  # 某大学某学院某实验室 is one unit of the university
    return parent, "".join(inner)


def _without_form(name: str) -> tuple[str, str]:
    forms = legal_forms()
    for length in range(min(_longest_form(), len(name) - 1), 1, -1):
        kind = forms.get(name[-length:])
        if kind is not None:
            return name[:-length], kind
    return name, ""


@cache
def _body_words() -> tuple[str, ...]:
    return tuple(body.word for body in bodies())


@cache
def _longest_form() -> int:
    return max(map(len, legal_forms()))


@cache
def _longest_industry() -> int:
    return max(map(len, industries()))


def _industry(name: str) -> tuple[str, str]:
    """Part industry words off the end; two characters of brand stay."""
    known, end = industries(), len(name)
    for _ in range(_MOST_INDUSTRIES):
        for length in range(min(_longest_industry(), end - 2), 1, -1):
            if name[end - length : end] in known:
                end -= length
                break
        else:
            break
    return name[:end], name[end:]


def _is_bare(rest: str) -> bool:
    """Return whether what follows a region is no name of its own (北京+大学)."""
    return len(rest) < 2 or rest in _bare_words() or rest in industries()


@cache
def _bare_words() -> frozenset[str]:
    words = {body.word for body in bodies()}
    return frozenset(words | {kind + word for kind in _KINDS_OF_BODY for word in words})


def _kind(name: str, form: str, *, is_unit: bool) -> str:
    if form and not is_unit:
        return "firm"
    if not name.endswith(_body_words()):
        return "unit" if is_unit else ""
    for body in bodies():
        if name.endswith(body.word):
            return body.kind
    return "unit" if is_unit else ""
