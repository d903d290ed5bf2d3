"""Why two records are taken for one organisation, or not: a waterfall of weights."""

from __future__ import annotations

from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.integrate.resolve.model.comparisons import comparisons

__all__ = ["Explanation", "Step", "waterfall"]

_START = Text("任意两条记录", "any two records")
_NAMES = {
    "name": Text("名称", "name"), "unit": Text("分支机构", "branch or department"),
    "region": Text("地区", "region"), "district": Text("区县", "district"),
    "industry": Text("行业", "industry"), "founded": Text("成立年份", "year of foundation"),
    "legal_person": Text("法定代表人", "legal representative"),
    "telephone": Text("电话", "telephone"),
    "credit_code": Text("统一社会信用代码", "credit code"),
}  # fmt: skip
_NOT_SAID = Text("至少一方没有", "one of them does not say")


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison: what was found, its weight (log2) and the sum so far."""

    comparison: Text
    finding: Text
    weight: float
    total: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair is linked or not.

    Attributes
    ----------
    left, right : str
        The two records.
    reason : Text
        What decides: an identifier, a person, a probability, or nothing.
    steps : tuple of Step
        The waterfall; empty if the pair was not scored.
    probability : float or None
        What the waterfall comes to; None if the pair was not scored.
    """

    left: str
    right: str
    reason: Text
    steps: tuple[Step, ...] = ()
    probability: float | None = None


def waterfall(pair: dict[str, float], prior: float) -> tuple[Step, ...]:
    """Return the steps from any two records to the weight of a pair.

    Parameters
    ----------
    pair : dict
        A row of :class:`Scored` pairs.
    prior : float
        Weight before anything is compared.
    """
    total = prior
    steps = [Step(_START, Text("尚未比较", "nothing compared yet"), prior, prior)]
    for name, levels in comparisons().items():
        weight, number = pair[f"weight_{name}"], pair[f"level_{name}"]
        total += weight
        found = next((level.label for level in levels if level.level == number), _NOT_SAID)
        steps.append(Step(_NAMES[name], found, weight, total))
    return tuple(steps)
