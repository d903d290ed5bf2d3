"""What two versions of a pack say differently."""

from __future__ import annotations

from pathlib import Path

from jicheng.rules.pack.difference import differences
from jicheng.rules.pack.reading import read_pack
from pack_builders import PACK, changed, written


def test_pack_differs_from_itself_in_nothing(tmp_path: Path) -> None:
    before, after = (read_pack(written(tmp_path, PACK, name)) for name in ("a.yaml", "b.yaml"))
    assert differences(before, after).height == 0


def test_changed_added_and_removed_elements_are_told(tmp_path: Path) -> None:
    text = changed("months_registered >= 12", "months_registered >= 24")
    text = changed("{id: field,", "{id: domain,", text)
    before = read_pack(written(tmp_path, PACK, "a.yaml"))
    found = differences(before, read_pack(written(tmp_path, text, "b.yaml")))
    assert found.select("path", "change").rows() == [
        ("gates/age", "changed"), ("gates/domain", "added"), ("gates/field", "removed"),
    ]  # fmt: skip
    age = found.row(0, named=True)
    assert (age["rule_before_en"], age["rule_after_en"]) == (
        "Months registered ≥ 12", "Months registered ≥ 24",
    )  # fmt: skip


def test_change_of_how_it_is_known_is_a_change(tmp_path: Path) -> None:
    text = changed(
        '{id: age, when: "months_registered >= 12", status: ours}',
        '{id: age, when: "months_registered >= 12", status: verified}',
    )
    before = read_pack(written(tmp_path, PACK, "a.yaml"))
    found = differences(before, read_pack(written(tmp_path, text, "b.yaml")))
    assert found.select("path", "status_before", "status_after").rows() == [
        ("gates/age", "ours", "verified")
    ]
