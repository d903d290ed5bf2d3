"""Which kind of organisation a name tells, where no list says it."""

from __future__ import annotations

from jicheng.integrate.resolve.names.parsing import parse_name

__all__ = ["kind_of_name"]

_KINDS = {
    "firm": "firm",
    "branch": "firm",
    "university": "university",
    "institute": "institute",
    "laboratory": "institute",
    "hospital": "institute",
    "platform": "platform",
    "association": "platform",
    "agency": "agency",
}
_INVESTORS = (
    "投资合伙企业",
    "创业投资",
    "投资基金",
    "股权投资",
    "资产管理",
    "投资管理",
    "基金管理",
    "产业基金",
)


def kind_of_name(name: str) -> str | None:
    """Return the kind that a name tells; None if it tells none.

    Examples
    --------
    >>> kind_of_name("岭湾大学"), kind_of_name("岭湾澜图光电科技有限公司")
    ('university', 'firm')
    """
    if any(word in name for word in _INVESTORS):
        return "investor"
    return _KINDS.get(parse_name(name).kind)
