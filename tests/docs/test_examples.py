"""Every command and every block of Python in the documents runs, in the order written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from jicheng.cli import main

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "README.zh-CN.md", "docs/import-excel.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


@pytest.mark.parametrize("page", PAGES)
def test_blocks_of_the_page_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall((ROOT / page).read_text("utf-8"))
    assert blocks
    for language, text in blocks:
        if language == "sh":
            for line in text.splitlines():
                command = line.split("#")[0].strip()
                if command:
                    run(command)
        elif language == "python":
            exec(compile(text, page, "exec"), {})  # noqa: S102 - our own page
        elif language == "toml":
            (tmp_path / "mapping.toml").write_text(text, "utf-8")


def run(command: str) -> None:
    program, *arguments = shlex.split(command)
    assert program == "jicheng"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, (command, result.output)


def test_the_mapping_of_the_page_is_one(tmp_path: Path) -> None:
    from jicheng.io.excel.mapping import read_mapping

    text = dict(BLOCK.findall((ROOT / "docs/import-excel.md").read_text("utf-8")))["toml"]
    file = tmp_path / "mapping.toml"
    file.write_text(text, "utf-8")
    assert [sheet.table for sheet in read_mapping(file)] == ["zones", "organisations"]
