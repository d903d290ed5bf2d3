"""What the analysis had to assume or could not tell, as warnings for the reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Fault, Text, fault
from jicheng.schema import choices
from jicheng.select.analysis import Analysis, period_of

__all__ = ["assumptions"]

_NAMED = 10  # ids spelt out in a warning


def assumptions(analysis: Analysis) -> list[Fault]:
    """Return a warning for everything that was assumed or is missing."""
    return [found for warn in _WARNINGS for found in warn(analysis)]


def _warning(code: str, **values: Any) -> list[Fault]:
    return [fault(code, is_warning=True, **values)]


def _ids(analysis: Analysis, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    ids = [analysis.chain.technologies[k] for k in np.flatnonzero(chosen)]
    return {"n": len(ids), "ids": _listed(ids)}


def _listed(ids: Sequence[str]) -> str:
    more = f" … ({len(ids)})" if len(ids) > _NAMED else ""
    return ", ".join(ids[:_NAMED]) + more


def _period(analysis: Analysis) -> list[Fault]:
    periods = analysis.zone["zones"]["period"].drop_nulls().unique()
    if len(periods) == 1:
        return []
    return _warning("E224" if len(periods) else "E226", period=period_of(analysis.zone))


def _links(analysis: Analysis) -> list[Fault]:
    chain = analysis.chain
    if analysis.zone["links"].is_empty():
        return _warning("E215")
    dead_ends = ~chain.leads_to_final
    return _warning("E216", **_ids(analysis, dead_ends)) if dead_ends.any() else []


def _shares(analysis: Analysis) -> list[Fault]:
    supply = analysis.supply
    found: list[Fault] = []
    without = int((~supply.has_shares).sum())
    if without:
        found += _warning("E214", n=without, total=len(supply.technologies))
    rescaled = sorted({*supply.world.rescaled, *supply.sourcing.rescaled})
    if rescaled:
        found += _warning("E210", n=len(rescaled), ids=_listed(rescaled))
    home = supply.home_index
    if not (supply.world.listed[:, home] | supply.sourcing.listed[:, home]).any():
        found += _warning("E222", home=analysis.home)
    return found


def _essentiality(analysis: Analysis) -> list[Fault]:
    unknown = analysis.chain.essential_unknown
    if not unknown.any():
        return []
    kinds = {choice.value: choice.label for choice in choices()["technology_kind"]}
    labels = [kinds[kind] for kind in analysis.settings.essential_kinds if kind in kinds]
    return _warning(
        "E211",
        n=int(unknown.sum()),
        total=len(unknown),
        kinds=Text(
            "、".join(label.zh for label in labels), ", ".join(label.en.lower() for label in labels)
        ),
        probability=f"{analysis.settings.probability_essential:g}",
    )


def _finals(analysis: Analysis) -> list[Fault]:
    chain = analysis.chain
    if not chain.final_assumed or analysis.zone["links"].is_empty():
        return []
    return _warning("E212", ids=_ids(analysis, chain.final_value > 0)["ids"])


def _members(analysis: Analysis) -> list[Fault]:
    unknown = analysis.chain.members_unweighed
    return _warning("E213", **_ids(analysis, unknown)) if unknown.any() else []


def _reliance(analysis: Analysis) -> list[Fault]:
    assumed = analysis.factors.reliance_assumed
    if not assumed.any():
        return []
    value = f"{analysis.settings.import_reliance_if_unknown:g}"
    return _warning("E223", reliance=value, **_ids(analysis, assumed))


def _years(analysis: Analysis) -> list[Fault]:
    missing = int(np.isnan(analysis.difficulty.years).sum())
    total = len(analysis.chain.technologies)
    return _warning("E220", n=missing, total=total) if missing else []


def _held_back(analysis: Analysis) -> list[Fault]:
    held = analysis.held_back
    return _warning("E225", **_ids(analysis, held)) if held.any() else []


_WARNINGS = (
    _period, _links, _shares, _essentiality, _finals, _members, _reliance, _years, _held_back,
)  # fmt: skip
