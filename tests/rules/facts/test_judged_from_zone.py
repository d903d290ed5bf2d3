"""Judgements in a zone's table of indicators: points as numbers, levels as words."""

from __future__ import annotations

from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.facts.from_zone import facts_of
from jicheng.rules.pack.expressions import facts_needed
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import evaluate
from jicheng.zone import Zone

ITEM = "rd_management.training_and_talent"


def test_points_and_levels_that_experts_gave_narrow_the_items() -> None:
    pack = pack_of("cn.hte@2016")
    known = fact_dictionary()
    known = known.with_facts(f for f in facts_needed(pack, known) if f.name not in known)
    judged = [
        {"subject": "a", "indicator": f"judged.cn.hte.{ITEM}", "period": 2025, "value": 3.0},
        {"subject": "b", "indicator": "judged.cn.hte.ip.advanced", "period": 2025, "text": "high"},
    ]
    zone = Zone.of(
        {
            "zones": [{"id": "z", "name": "z", "home": "CHN", "period": 2025}],
            "organisations": [
                {"id": firm, "name": firm, "kind": "firm", "zone": "z"} for firm in ("a", "b")
            ],
            "indicators": judged,
        }
    )
    found = evaluate(pack, facts_of(zone, dictionary=known)).points
    management = found["indicators/rd_management/training_and_talent"]
    assert (management.low.tolist(), management.high.tolist()) == ([3.0, 0.0], [3.0, 4.0])
    advanced = found["indicators/ip/advanced"]
    assert (advanced.low.tolist(), advanced.high.tolist()) == ([0.0, 7.0], [8.0, 8.0])
