"""A made-up zone to match lists against."""

from __future__ import annotations

from jicheng.zone import Zone

__all__ = ["made_up_zone"]

_FIRMS = [
    {"id": "o1", "name": "深圳市清河光电有限公司", "name_en": "Qinghe Photonics Co., Ltd.",
     "kind": "firm", "credit_code": "914403009900000007", "region": "深圳", "country": "CHN",
     "founded": 2009, "cost": 12.5, "may_lead": True, "as_of": "2026-11-24"},
    {"id": "o2", "name": "北京清河光电有限公司", "kind": "firm", "region": "北京",
     "country": "CHN"},
    {"id": "o3", "name": "云海大学", "kind": "university", "ror": "0zz0q0074", "country": "CHN"},
    {"id": "o4", "name": "云海大学光学研究院", "kind": "institute", "country": "CHN"},
    {"id": "o5", "name": "同名有限公司", "kind": "firm", "region": "上海"},
    {"id": "o6", "name": "同名有限公司", "kind": "firm", "region": "天津"},
    {"id": "o7", "name": "<script>alert('x')</script> & 公司", "kind": "firm"},
]  # fmt: skip


def made_up_zone() -> Zone:
    """Return a zone with namesakes, a hostile name, a person, a facility and a capability."""
    return Zone.of({
        "zones": [{"id": "z", "name": "示例区", "home": "CHN", "period": 2026}],
        "organisations": _FIRMS,
        "people": [{"id": "p1", "name": "李青", "organisation": "o3",
                    "orcid": "0000-0000-0000-1012"}],
        "capabilities": [{"id": "c1", "name": "干法刻蚀", "terms": "dry etching;等离子刻蚀"}],
        "facilities": [{"id": "f1", "name": "扫描电镜", "owner": "o3", "capacity": 1200}],
    })  # fmt: skip
