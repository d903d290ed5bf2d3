"""Settings of the stage ``rules``: which packs judge the zone's firms, and how."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RuleSettings"]


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Which packs are applied, with which files of the zone's own.

    Attributes
    ----------
    packs : tuple of str
        Packs of titles and eligibility, ``id``, ``id@version`` or a file.
    points_pack : str
        The pack of points; empty = none.
    overlays : tuple of str
        Files that fill or override elements of packs.
    evaluation_year : int or None
        Latest complete year; None = the zone's period.
    complete_lists : tuple of str
        Kinds of titles of which the zone's table names every holder, or ``all``: no row then
        means not held. Of others it means unknown.
    costs, rungs : str
        Files with what firms can do at which cost, and with the order of titles; empty = the
        demo figures that ship.
    n_near : int
        Firms of each title whose shortest way up is sought: the nearest ones.
    weight_draws : int
        Weights drawn for the ranges of ranks; 0 = none.
    concentration : float
        Kappa of the Dirichlet distribution from which they are drawn.
    n_ranked : int
        Firms with most points whose ranges of ranks under other weights are kept.
    most_missing : int
        Verdicts of open firms are kept that lack no more facts than this.
    """

    packs: tuple[str, ...] = (
        "cn.tech_sme",
        "cn.innovative_sme",
        "cn.srdi_sme",
        "cn.hte",
        "cn.little_giant",
        "cn.guarantee_plan",
    )
    points_pack: str = "cn.innovation_points@2024"
    overlays: tuple[str, ...] = ()
    evaluation_year: int | None = None
    complete_lists: tuple[str, ...] = ()
    costs: str = ""
    rungs: str = ""
    n_near: int = 20
    weight_draws: int = 200
    concentration: float = 270.0
    n_ranked: int = 200
    most_missing: int = 1
