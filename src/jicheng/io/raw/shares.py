"""Read which countries supply a technology and how much: 日本60%；德国30%；其他10%."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from jicheng.cells import country_code
from jicheng.errors import Fault, Where, fault

__all__ = ["CountryShare", "read_shares"]

_PART = re.compile(r"[;；,，、\n|]+|(?<=%)\s*(?=[^\s%)\]以\-~至])")
_RANGE = r"\d+(?:\.\d+)?\s*%?\s*[-~至]\s*\d+(?:\.\d+)?\s*%|\d+(?:\.\d+)?\s*%|0?\.\d+"
_SHARE = re.compile(
    rf"(?P<name>[^\d<>≥≤%:]+?)\s*[:(\[]?\s*(?P<sign>约|近|超过|大于|>=|>|≥|不足|低于|小于|<=|<|≤)?\s*"
    rf"(?P<share>{_RANGE})\s*(?P<more>以上|以下)?\s*[)\]]?"
)
_REST = ("其他", "其它", "其余", "其他国家", "其他国家和地区", "others", "other", "rest")
_MORE = ("超过", "大于", ">", ">=", "≥", "以上")
_LESS = ("不足", "低于", "小于", "<", "<=", "≤", "以下")
_SLACK = 1.005  # shares rounded to whole percent may add up to a little more


@dataclass(frozen=True, slots=True)
class CountryShare:
    """A country's share of the supply; None = not said, ``low`` and ``high`` its bounds."""

    country: str
    share: float | None = None
    low: float | None = None
    high: float | None = None


def read_shares(text: str, where: Where) -> tuple[tuple[CountryShare, ...], list[Fault]]:
    """Read a list of countries with their shares.

    Returns
    -------
    shares : tuple of CountryShare
        Each country once; others (其他) are left out, as what is not said.
    faults : list of Fault
        Warnings: E635 for a part that is no country with a share, E636 if the shares add
        up to more than all (then none is read).
    """
    plain = unicodedata.normalize("NFKC", text).replace("—", "-").replace("–", "-")
    found: dict[str, CountryShare] = {}
    faults: list[Fault] = []
    for part in _PART.split(plain):
        part = part.strip(" .。")
        if not part:
            continue
        match = _SHARE.fullmatch(part)
        name = (match["name"] if match else part).strip(" :(")
        if name.lower() in _REST:
            continue
        code = country_code(name)
        if code is None or code in found:
            faults.append(
                fault("E635", where=where, is_warning=True, value=text[:60], part=part[:40])
            )
            continue
        found[code] = _share_of(code, match)
    total = sum(_least(one) for one in found.values())
    if total > _SLACK:
        return (), [*faults, fault("E636", where=where, is_warning=True, total=total)]
    return tuple(found.values()), faults


def _least(share: CountryShare) -> float:
    return share.share if share.share is not None else share.low or 0.0


def _share_of(code: str, match: re.Match[str] | None) -> CountryShare:
    if match is None:
        return CountryShare(code)
    numbers = [float(one) for one in re.findall(r"\d*\.?\d+", match["share"])]
    if "%" in match["share"]:
        numbers = [round(number / 100, 6) for number in numbers]
    sign = match["sign"] or match["more"] or ""
    if len(numbers) == 2:
        return CountryShare(code, None, *numbers)
    if sign in _MORE:
        return CountryShare(code, None, numbers[0], 1.0)
    if sign in _LESS:
        return CountryShare(code, None, 0.0, numbers[0])
    return CountryShare(code, numbers[0])
