"""The growth ladder: where firms stand, what is missing, the shortest way up, who is near."""

from jicheng.select.ladder.ladder import LadderResult, ladder
from jicheng.select.ladder.near import Approach, Nearest, nearest
from jicheng.select.ladder.search import WayStatus
from jicheng.select.ladder.settings import (
    Action,
    CostSettings,
    Rung,
    read_actions,
    read_rungs,
    shipped_costs,
    shipped_limits,
    shipped_rungs,
)
from jicheng.select.ladder.ways import Step, Way, WayUp, shortest_way

__all__ = [
    "Action",
    "Approach",
    "CostSettings",
    "LadderResult",
    "Nearest",
    "Rung",
    "Step",
    "Way",
    "WayStatus",
    "WayUp",
    "ladder",
    "nearest",
    "read_actions",
    "read_rungs",
    "shipped_costs",
    "shipped_limits",
    "shipped_rungs",
    "shortest_way",
]
