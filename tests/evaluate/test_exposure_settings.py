from __future__ import annotations

import dataclasses

from jicheng.chain import ChainSettings
from jicheng.evaluate.exposure import ExposureSettings
from jicheng.scenarios import WithholdingSettings
from jicheng.schema import parameters


def names(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def test_every_setting_has_a_row_with_its_provenance() -> None:
    told = {p.name for p in parameters() if p.stage == "evaluate"}
    flat = names(ExposureSettings) - {"chain", "withholding"}
    assert told == flat | names(ChainSettings) | names(WithholdingSettings)
