"""Names of the facts that a pack brings along: judgements and choices of the applicant."""

from __future__ import annotations

from jicheng.rules.pack.model import Banded, Cases, Combine, Indicator, Judged, Options, Pack

__all__ = ["CHOSEN", "JUDGED", "chosen_fact", "chosen_facts", "judged_fact", "judged_facts"]

JUDGED = "judged"
CHOSEN = "chosen"
_INDICATORS = "indicators/"


def judged_fact(pack: Pack, path: str) -> str:
    """Return the fact that holds an expert's judgement of an item.

    Parameters
    ----------
    pack : Pack
        Its version is no part of the name: a judgement outlives a revision of the text.
    path : str
        Of the item, as :attr:`Element.path` has it.

    Examples
    --------
    >>> from jicheng.errors import Text
    >>> from jicheng.rules.pack.model import PackKind
    >>> pack = Pack(id="cn.hte", version="2016", name=Text("", ""), kind=PackKind.POINTS)
    >>> judged_fact(pack, "indicators/ip/advanced")
    'judged.cn.hte.ip.advanced'
    """
    return f"{JUDGED}.{pack.id}.{_dotted(path)}"


def chosen_fact(pack: Pack, path: str) -> str:
    """Return the fact that says which option the applicant chose for an item."""
    return f"{CHOSEN}.{pack.id}.{_dotted(path)}"


def judged_facts(pack: Pack) -> dict[str, Indicator]:
    """Return the items that experts decide, by the fact that holds the judgement.

    They choose a level, or the points inside the range that a band or a case gives.
    """
    return {judged_fact(pack, item.path): item for item in _items(pack) if _is_judged(item)}


def chosen_facts(pack: Pack) -> dict[str, Indicator]:
    """Return the items whose option the applicant chooses, by the fact that says which."""
    return {
        chosen_fact(pack, item.path): item
        for item in _items(pack)
        if isinstance(item.rule, Options) and item.rule.combine is Combine.CHOOSE
    }


def _items(pack: Pack) -> list[Indicator]:
    return [element for element in pack.elements() if isinstance(element, Indicator)]


def _is_judged(item: Indicator) -> bool:
    match item.rule:
        case Judged():
            return True
        case Banded(bands=steps) | Cases(cases=steps):
            return any(step.low < step.high for step in steps)
        case _:
            return False


def _dotted(path: str) -> str:
    return path.removeprefix(_INDICATORS).replace("/", ".")
