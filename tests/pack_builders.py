"""A small pack that is sound, and ways to spoil it, for tests."""

from __future__ import annotations

from pathlib import Path

from jicheng.errors import Fault
from jicheng.rules.pack.reading import inspect_pack

HERE = "#!"  # ends the line where a fault is expected

PACK = """\
id: test.pack
version: "1"
name: {zh: 规则, en: Rules}
kind: qualification
valid: {from: 2020-01-01, until: 2030-12-31, status: ours}
points: {total: 30, integer: true, status: ours}
definitions:
  - {id: fields, choices: [电子信息, 新材料], status: ours}
  - {id: least, value: 0.03, status: ours}
groups:
  - {id: innovation, name: {zh: 创新, en: Innovation}, status: ours}
gates:
  - {id: age, when: "months_registered >= 12", status: ours}
  - {id: field, when: "tech_field in fields", status: ours}
indicators:
  - id: growth
    group: innovation
    max: 10
    of: official_growth(revenue)
    bands:
      - {ge: 0.2, points: 10}
      - {ge: 0.1, points: [4, 6]}
      - {otherwise: true, points: 0}
    status: ours
  - id: rights
    max: 10
    cases:
      - {when: "ip_class1 >= 1", points: 10}
      - {when: "ip_class2 >= 3", points: 5}
      - {otherwise: true, points: 0}
    status: ours
  - id: plan
    max: 10
    status: ours
    parts:
      - {id: written, max: 4, judged: {good: 4, poor: [0, 2]}, status: ours}
      - {id: marks, max: 6, additive: {each: 3, cap: 6, of: [own_brand, hte_valid]}, status: ours}
pass:
  - {id: total, when: "score >= 20 and group.innovation > 0", status: ours}
direct_pass:
  - {id: hte, when: hte_valid, status: ours}
"""

POINTS = """\
id: test.points
version: "1"
name: {zh: 积分, en: Points}
kind: points
points: {total: 100, local: true, status: ours}
indicators:
  - {id: spend, percentile: {of: rd_expense, transform: log1p}, status: ours}
  - {id: share, percentile: {of: rd_expense / revenue}, status: ours}
  - id: title
    max: 10
    cases: [{when: hte_valid, points: 10}, {otherwise: true, points: 0}]
    status: ours
peers: {stage: stage, field: tech_field, small_group: 30, quantiles: [0.05, 0.95], status: ours}
weights:
  by_stage:
    startup: {spend: 50, share: 40}
    growth: {spend: 45, share: 45}
    stable: {spend: 40, share: 50}
  status: ours
"""

SLOT = """\
id: test.slot
version: "1"
name: {zh: 地方, en: Local}
kind: points
points: {total: 15, status: ours}
indicators:
  - {id: local_feature, max: 15, extension: {filled_by: province, least: 1, most: 2}, status: ours}
"""


def written(folder: Path, text: str, name: str = "pack.yaml") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def changed(old: str, new: str, text: str = PACK) -> str:
    """Replace what stands once in a pack."""
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)


def line_of(text: str, mark: str = HERE) -> int:
    """Return the line that a mark ends."""
    return text[: text.index(mark)].count("\n") + 1


def faults_of(folder: Path, text: str, overlays: tuple[str, ...] = ()) -> list[Fault]:
    """Return what is wrong with a pack, warnings included."""
    path = written(folder, text)
    more = [written(folder, each, f"overlay{place}.yaml") for place, each in enumerate(overlays)]
    return list(inspect_pack(path, overlays=more).faults)
