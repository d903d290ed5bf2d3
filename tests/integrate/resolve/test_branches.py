from __future__ import annotations

import polars as pl
from bench.made_up.identities import identities

from jicheng.integrate.resolve import ResolveSettings, branches, resolve

HEAD = "广州翊图智能科技有限公司"


def heads(*names: str, probable: bool = True) -> list[tuple[str, str, str, str | None, int]]:
    records = pl.DataFrame({"id": [f"r{k}" for k in range(len(names))], "name": names})
    return branches(resolve(records, settings=ResolveSettings(probable=probable))).rows()


def test_branch_is_its_own_organisation_and_names_its_head() -> None:
    found = heads(HEAD, HEAD + "深圳分公司", "翊图智能科技有限公司")
    assert found == [("r1", "深圳分公司", "branch", "r0", 1)]


def test_unit_of_a_university_names_it() -> None:
    (found,) = heads("清华大学", "清华大学材料学院", probable=False)
    assert (found[0], found[1], found[3]) == ("r1", "材料学院", "r0")


def test_head_that_is_not_there_or_not_clear_stays_open() -> None:
    (alone,) = heads(HEAD + "深圳分公司")
    assert alone[3:] == (None, 0)
    both = heads("翊图智能科技有限公司深圳分公司", HEAD, "南京翊图智能科技有限公司", probable=False)
    assert both[0][3:] == (None, 2)


def test_region_of_the_head_decides_between_namesakes() -> None:
    found = heads(HEAD + "深圳分公司", HEAD, "南京翊图智能科技有限公司", probable=False)
    assert found[0][3:] == ("r1", 1)


def test_no_planted_branch_is_merged_with_its_head() -> None:
    truth = identities(2_000, seed=7).sort("id")
    found = resolve(truth.drop("entity", "entity_kind", "entity_head"))
    records = truth.with_columns(found.members["organisation"])
    of_heads = dict(records.select("entity", "organisation").rows())
    for row in records.filter(pl.col("entity_kind") == "branch").iter_rows(named=True):
        assert row["organisation"] != of_heads[row["entity_head"]]
    named = branches(found).drop_nulls("head")
    entity = dict(records.select("organisation", "entity").rows())
    true = dict(records.select("entity", "entity_head").rows())
    of_branches = named.filter(pl.col("unit_kind") == "branch")
    right = [
        true[entity[one]] == entity[head]
        for one, head in of_branches.select("organisation", "head").iter_rows()
    ]
    assert sum(right) >= 0.95 * len(right) > 0


def test_shared_code_makes_a_branch_and_its_head_one_and_is_told() -> None:
    code = "91110108551385082Q"
    records = pl.DataFrame(
        {"id": ["r0", "r1"], "name": [HEAD, HEAD + "深圳分公司"], "credit_code": [code, code]}
    )
    found = resolve(records, settings=ResolveSettings(probable=False))
    assert found.members["organisation"].to_list() == ["r0", "r0"]
    assert [(fault.code, fault.is_warning) for fault in found.warnings] == [("E388", True)]


def test_telephone_and_person_do_not_join_a_branch_with_its_head() -> None:
    same = {"telephone": "020-12345678", "legal_person": "王小明", "founded": "2001"}
    records = pl.DataFrame(
        [{"id": "r0", "name": HEAD, **same}, {"id": "r1", "name": HEAD + "深圳分公司", **same}]
    )
    assert resolve(records).members["organisation"].to_list() == ["r0", "r1"]
