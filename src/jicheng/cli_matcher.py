"""What compares texts for the commands: one option, and the matcher of a zone.

``--engine`` means the same in every command that reads texts: ``words`` compares words
alone, ``use`` and ``use+e5`` meaning too, and ``auto`` is the best that is installed, but
without e5, which is slow, where there are many texts.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jicheng.cli_output import stage_bars

if TYPE_CHECKING:
    from jicheng.integrate.match.matcher import Matcher
    from jicheng.retrieval import RetrievalSettings

__all__ = ["engine_option", "index_folder", "open_matcher", "retrieval_of"]

_ENGINES = {"words": (), "use": ("use",), "use+e5": ("use", "e5")}

engine_option = click.option(
    "--engine", type=click.Choice(["auto", *_ENGINES]), default="auto", show_default=True,
    help="用什么比较文本：words 只比词语，其余也比意思 / what compares texts: words alone, or "
    "meaning too; auto is the best installed",
)  # fmt: skip


def index_folder(zone: Path) -> Path:
    """Return where the indexes of a zone are kept: beside it, never inside."""
    from jicheng.io.beside import beside

    return beside(zone, "index")


def open_matcher(
    path: Path, *, engine: str = "auto", weights: Mapping[str, float] | None = None
) -> Matcher:
    """Return the matcher of a zone; its texts are indexed with a bar if they are not yet."""
    from jicheng.integrate.match.matcher import Matcher
    from jicheng.integrate.match.settings import MatchSettings
    from jicheng.zone import Zone

    loaded = Zone.load(path)
    settings = MatchSettings(weights=dict(weights or {}))
    with stage_bars() as bars:
        return Matcher.of(
            loaded,
            settings,
            retrieval=retrieval_of(engine),
            folder=index_folder(path),
            progress=lambda done, total: bars("建立文本索引 / indexing texts", done, total),
        )


def retrieval_of(engine: str, n_texts: int = 0) -> RetrievalSettings:
    """Return the settings of what compares so many texts.

    An engine that is asked for by name is used, however many texts there are.
    """
    from jicheng.retrieval import RetrievalSettings

    if engine != "auto":
        return RetrievalSettings(engines=_ENGINES[engine], most_e5=sys.maxsize)
    best = RetrievalSettings()
    return best if n_texts <= best.most_e5 else RetrievalSettings(engines=("use",))
