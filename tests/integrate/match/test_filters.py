from __future__ import annotations

from typing import Any

import pytest

from jicheng.integrate.match.filters import Constraints, filter_parties
from jicheng.integrate.match.parties import Parties
from match_builders import firm, match_zone

ORGANISATIONS = [
    firm("org:small", size="small", region="广州黄埔"),
    firm("org:large", size="large", region="深圳"),
    firm("org:unsized"),
    firm("org:nowhere", zone=None, country=None),
    firm("org:abroad", zone=None, country="DEU"),
    firm("org:outside", zone=None),
    firm("org:follower", may_lead=False),
    firm("org:full", capacity=0),
    firm("org:signed", capacity=1),
    firm("org:uni", kind="university"),
    firm("org:fund", kind="investor"),
]


def judged(**limits: Any) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    zone = match_zone(
        organisations=ORGANISATIONS,
        people=[
            {"id": "per:uni", "name": "甲", "organisation": "org:uni", "kind": "person"},
            {"id": "per:free", "name": "乙", "kind": "person"},
        ],
        challenges=[
            {"id": "chal:b", "technology": "tech:resist", "name": "b", "consortium": "org:signed"}
        ],
    )
    parties = Parties.of(zone)
    found = filter_parties(parties, Constraints(**limits))
    return {
        name: (found.why_out(place), found.to_check(place))
        for place, name in enumerate(parties.ids)
        if "other" not in name
    }


@pytest.mark.parametrize(
    ("limits", "name", "reason"),
    [
        ({}, "org:fund", "kind"),
        ({}, "org:abroad", "abroad"),
        ({}, "org:full", "capacity"),
        ({}, "org:signed", "capacity"),
        ({"in_zone": True}, "org:outside", "outside"),
        ({"must_lead": True}, "org:follower", "may_not_lead"),
        ({"must_lead": True, "lead_kinds": ("firm",)}, "org:uni", "lead_kind"),
        ({"small_only": True}, "org:large", "not_small"),
        ({"small_only": True}, "org:uni", "not_small"),
        ({"regions": ("广州",)}, "org:large", "region"),
        ({"excluded": ("org:uni",)}, "org:uni", "excluded"),
        ({"excluded": ("org:uni",)}, "per:uni", "excluded"),
        ({"owners": ("org:small",)}, "org:small", "owner"),
        ({"members": ("org:small",)}, "org:small", "member"),
    ],
)
def test_who_breaks_a_limit_is_left_out_with_the_reason(
    limits: dict[str, Any], name: str, reason: str
) -> None:
    assert judged(**limits)[name][0] == (reason,)


def test_what_cannot_be_told_is_kept_and_marked() -> None:
    found = judged(small_only=True, regions=("广州",))
    assert found["org:unsized"] == ((), ("region", "not_small"))
    assert found["org:nowhere"][0] == ()
    assert "abroad" in found["org:nowhere"][1]
    assert found["per:free"][0] == ()
    assert {"kind", "abroad", "region", "not_small"} <= {*found["per:free"][1]}


def test_a_limit_that_is_not_set_leaves_nobody_out() -> None:
    found = judged(kinds=(), allow_abroad=True)
    out = {name for name, (reasons, _) in found.items() if reasons}
    assert out == {"org:full", "org:signed"}


def test_every_reason_has_words_in_both_languages() -> None:
    from jicheng.integrate.match.criteria import reasons

    found = filter_parties(Parties.of(match_zone()), Constraints(regions=("广州",), since=2020))
    for reason in reasons():
        why, remedy = found.told(reason)
        assert "{" not in why.zh + why.en
        assert all((why.zh, why.en, remedy.zh, remedy.en))


def test_the_limits_are_told_in_both_languages() -> None:
    limits = Constraints(must_lead=True, lead_kinds=("firm",), since=2020, small_only=True)
    said = limits.as_text()
    assert "2020" in said.zh
    assert "企业" in said.zh
    assert "lead (Firm)" in said.en
