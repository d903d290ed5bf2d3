"""The matcher of a zone for the commands, with its indexes kept beside the zone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jicheng.cli_output import stage_bars

if TYPE_CHECKING:
    from jicheng.integrate.match.matcher import Matcher

__all__ = ["index_folder", "open_matcher"]


def index_folder(zone: Path) -> Path:
    """Return where the indexes of a zone are kept: beside it, never inside."""
    from jicheng.io.beside import beside

    return beside(zone, "index")


def open_matcher(
    path: Path, *, engine: str | None = None, weights: Mapping[str, float] | None = None
) -> Matcher:
    """Return the matcher of a zone; its texts are indexed with a bar if they are not yet."""
    from jicheng.integrate.match.matcher import Matcher
    from jicheng.integrate.match.settings import MatchSettings
    from jicheng.retrieval import RetrievalSettings
    from jicheng.zone import Zone

    loaded = Zone.load(path)
    settings = MatchSettings(weights=dict(weights or {}))
    with stage_bars() as bars:
        return Matcher.of(
            loaded,
            settings,
            retrieval=retrieval_of(engine, RetrievalSettings),
            folder=index_folder(path),
            progress=lambda done, total: bars("建立文本索引 / indexing texts", done, total),
        )


def retrieval_of(engine: str | None, settings: Any) -> Any:
    """Return the settings of the engines that are asked for."""
    if engine is None:
        return settings()
    return settings(engines=() if engine == "words" else (engine,))
