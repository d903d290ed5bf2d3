from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.facts.table import FactTable
from jicheng.rules.score.evaluate import evaluate
from jicheng.rules.score.frozen import quantiles_of, quantiles_table
from score_builders import facts_of, pack_of

PACK = pack_of("""
indicators:
  - {id: a, max: 60, status: verified, percentile: {of: revenue, transform: log1p}}
  - {id: b, max: 40, status: verified, percentile: {of: rd_expense, transform: log1p}}
peers: {stage: stage, field: tech_field, small_group: 3, quantiles: [0.05, 0.95], status: ours}
""")


def firms(*, stage: str | None = "growth") -> FactTable:
    return facts_of([
        {
            "revenue": 1e6 * k,
            "rd_expense": None if k < 7 else 1e5,
            "stage": stage if k % 2 else None,
            "tech_field": "xy"[k % 3 == 0],
        }
        for k in range(12)
    ])  # fmt: skip


@pytest.mark.parametrize("stage", ["growth", None])
def test_quantiles_come_back_from_a_file(tmp_path: Path, stage: str | None) -> None:
    facts = firms(stage=stage)
    before = evaluate(PACK, facts)
    assert before.peers is not None
    quantiles_table(before.peers).write_parquet(tmp_path / "peers.parquet")
    peers = quantiles_of(pl.read_parquet(tmp_path / "peers.parquet"))
    after = evaluate(PACK, facts.rows([1, 3, 4]), peers=peers)
    assert before.score is not None
    assert after.score is not None
    assert after.score.low.tolist() == before.score.low[[1, 3, 4]].tolist()
    assert after.score.high.tolist() == before.score.high[[1, 3, 4]].tolist()


def test_order_of_rows_changes_nothing() -> None:
    peers = evaluate(PACK, firms()).peers
    assert peers is not None
    table = quantiles_table(peers)
    again = quantiles_table(quantiles_of(table.sample(fraction=1.0, shuffle=True, seed=3)))
    assert again.sort("path", "stage", "field").equals(table.sort("path", "stage", "field"))


def test_group_that_nobody_has_a_value_in_is_empty() -> None:
    peers = evaluate(PACK, firms()).peers
    assert peers is not None
    table = quantiles_table(peers).filter(pl.col("path") == "indicators/b")
    assert (
        table.filter(pl.col("n") == 0)["low"].null_count() == table.filter(pl.col("n") == 0).height
    )


def test_table_without_a_column_is_refused() -> None:
    peers = evaluate(PACK, firms()).peers
    assert peers is not None
    with pytest.raises(InvalidInput) as caught:
        quantiles_of(quantiles_table(peers).drop("high"))
    assert caught.value.code == "E963"


def test_table_without_a_group_is_refused() -> None:
    peers = evaluate(PACK, firms()).peers
    assert peers is not None
    with pytest.raises(InvalidInput) as caught:
        quantiles_of(quantiles_table(peers)[1:])
    assert caught.value.code == "E963"
