"""Provenance: each element is known as the references say, and packs are drafts until all is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from jicheng.rules.pack.model import Element, Provenance
from jicheng.rules.pack.shipped import pack_of, shipped
from reference_places import ELSEWHERE, NOT_ELIGIBILITY, PACKS

_HEAD = {
    "doc": "document", "issuer": "issuer", "effective": "valid", "certificate_years": "grants",
    "score": "points",
}  # fmt: skip
_NUMBERS = ("bands_status", "cases_status")


@pytest.fixture(scope="session")
def references() -> Path:
    """Folder of the drafts that packs were encoded from; skip where it is absent."""
    beside = Path(__file__).parents[4] / "shared" / "reference"
    folder = Path(os.environ.get("JICHENG_SHARED_REFERENCE", beside)) / "packs"
    if not folder.is_dir():
        pytest.skip(f"needs the reference folder beside the checkout ({folder} is absent)")
    return folder


def marks(found: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield every status of a draft with the place where it stands."""
    if isinstance(found, dict):
        if "status" in found:
            yield "/".join(path), found["status"]
        for key in _NUMBERS:
            if key in found:
                yield "/".join((*path, "numbers")), found[key]
        for key, below in found.items():
            yield from marks(below, (*path, str(key)))
    elif isinstance(found, list):
        for place, below in enumerate(found):
            if isinstance(below, dict):
                yield from marks(below, (*path, str(below.get("id", place))))


@cache
def statuses(key: str) -> dict[str, str]:
    """Return the status of everything in a shipped pack, by path."""
    pack = pack_of(key)
    found = {element.path: str(element.status) for element in pack.elements()}
    found |= {f"{element.path}/numbers": str(element.numbers) for element in pack.elements()}
    found |= {name: str(status) for name, status in pack.head.items()}
    for name in ("weights", "peers"):
        part = getattr(pack, name)
        if part is not None:
            found[name] = str(part.status)
    return found


def place_of(draft: str, path: str) -> tuple[str, str]:
    """Return the pack and the path where an element of a draft was encoded."""
    if (draft, path) in ELSEWHERE:
        return ELSEWHERE[draft, path]
    words = [_HEAD.get(path, path)] if "/" not in path else path.split("/")
    words = [word for word in words if word not in ("parts", "options", "any_of", "all_of")]
    if words[0] == "direct_pass_any":
        words[0] = "direct"
    return PACKS[draft], "/".join(words)


@pytest.mark.parametrize("draft", sorted({*PACKS, *(draft for draft, _ in ELSEWHERE)}))
def test_every_element_has_the_status_of_the_reference(draft, references):
    text = (references / f"{draft}.yaml").read_text("utf-8")

    differing = {}
    for path, status in marks(yaml.safe_load(text)):
        if (draft, path) not in NOT_ELIGIBILITY:
            key, place = place_of(draft, path)
            found = statuses(key).get(place, "no such element")
            if found != status:
                differing[path] = f"{status} in the reference, {key}/{place}: {found}"

    assert differing == {}


def test_left_out_and_moved_elements_exist_in_the_references(references):
    known = {
        (file.stem, path)
        for file in references.glob("*.yaml")
        for path, _ in marks(yaml.safe_load(file.read_text("utf-8")))
    }

    assert {*ELSEWHERE, *NOT_ELIGIBILITY} - known == set()


@pytest.mark.parametrize("key", sorted(shipped()))
def test_pack_is_a_draft_because_something_is_not_verified(key):
    pack = pack_of(key)

    open_ends = {place for place, status in statuses(key).items() if status != "verified"}

    assert open_ends
    assert pack.is_draft


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_element_is_named_in_both_languages(key):
    def is_bilingual(element: Element) -> bool:
        zh, en = element.name.zh, element.name.en
        return bool(zh and en) and zh != en and en.isascii() and not zh.isascii()

    unnamed = [each.path for each in pack_of(key).elements() if not is_bilingual(each)]
    notes = [each for each in pack_of(key).elements() if each.note is not None]
    untold = [each.path for each in notes if each.note.zh == each.note.en]

    assert (unnamed, untold) == ([], [])


@pytest.mark.parametrize("key", sorted(shipped()))
def test_what_is_missing_says_nothing_and_gives_nothing(key):
    """No text of a head and no rule of an element stands where the status is missing."""
    pack = pack_of(key)

    told = [name for name in ("issuer", "document") if pack.head.get(name) == "missing"]
    ruled = [
        element.path
        for element in pack.elements()
        if element.status is Provenance.MISSING and getattr(element, "when", None) is not None
    ]

    assert [getattr(pack, name) for name in told] == [""] * len(told)
    assert ruled == []


@pytest.mark.parametrize("key", sorted(shipped()))
def test_no_element_is_more_certain_than_the_one_it_belongs_to(key):
    certainty = {"verified": 2, "unverified": 1, "ours": 1, "missing": 0}
    known = statuses(key)

    too_certain = [
        path
        for path, status in known.items()
        if not path.endswith("/numbers")
        and certainty[status] > certainty[known.get(path.rpartition("/")[0], "verified")]
    ]

    assert too_certain == []


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("cn.hte@2016",
         {"tech_staff_days": 183, "outsourced_rd_share": 0.8, "other_rd_cost_share": 0.2}),
        ("cn.guarantee_plan@2024",
         {"bank_risk_share_least": 0.2, "public_risk_share_most": 0.8,
          "national_fund_share_before": 0.2, "national_fund_share_most": 0.4,
          "provincial_share_least": 0.2, "average_guarantee_fee_below": 0.01, "cap_before": 1e7,
          "cap": 3e7}),
        ("cn.gz.huangpu.talent@2024",
         {"outstanding_entrepreneurs_quota": 20, "free_flat_years": 3, "lead_team_grant": 1e7,
          "lead_team_equity": 1e7, "team_head_allowance": 1e6, "rising_entrepreneurs_quota": 10,
          "rising_entrepreneur_amount": 2e5, "managers_quota": 20}),
        ("cn.gz.huangpu.talent_port@undated",
         {"lead_talent_total": 4.58e7, "overseas_stations": 11}),
        ("cn.consortium.hainan@2022", {"target": 10}),
    ],
)  # fmt: skip
def test_figures_of_a_pack_are_those_of_the_published_rules(key, values):
    found = {
        each.id: float(each.value.text)
        for each in pack_of(key).definitions
        if each.value is not None
    }

    assert found == values
