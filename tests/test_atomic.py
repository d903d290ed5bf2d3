"""Whole or not at all, also when something goes wrong on the way."""

from __future__ import annotations

import pytest

from jicheng.atomic import replaced_folder, write_file


def names(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_folder_takes_the_place_of_the_old_one(tmp_path):
    target = tmp_path / "deep" / "zone"
    for text in ("old", "new"):
        with replaced_folder(target) as folder:
            (folder / f"{text}.csv").write_text(text)
    assert names(tmp_path) == ["deep", "new.csv", "zone"]


def test_failure_leaves_the_old_folder_and_nothing_else(tmp_path):
    target = tmp_path / "zone"
    with replaced_folder(target) as folder:
        (folder / "old.csv").write_text("old")
    with pytest.raises(RuntimeError), replaced_folder(target) as folder:  # noqa: PT012
        (folder / "new.csv").write_text("half")
        assert (target / "old.csv").read_text() == "old"
        raise RuntimeError
    assert names(tmp_path) == ["old.csv", "zone"]


def test_target_that_cannot_be_replaced_keeps_its_content(tmp_path, monkeypatch):
    target = tmp_path / "zone"
    with replaced_folder(target) as folder:
        (folder / "old.csv").write_text("old")
    rename = type(target).rename

    def failing(self, other):
        if self.name.endswith(".new"):
            raise OSError("disk")
        return rename(self, other)

    monkeypatch.setattr(type(target), "rename", failing)
    with pytest.raises(OSError, match="disk"), replaced_folder(target) as folder:
        (folder / "new.csv").write_text("new")
    assert names(tmp_path) == ["old.csv", "zone"]


def test_file_is_replaced_whole(tmp_path):
    file = tmp_path / "a" / "x.bin"
    write_file(file, b"one")
    write_file(file, b"two")
    assert file.read_bytes() == b"two"
    assert names(tmp_path) == ["a", "x.bin"]
