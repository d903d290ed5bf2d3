"""Every command and every block of Python in the documents runs, in the order written."""

from __future__ import annotations

import html
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from jicheng.cli import main

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "README.zh-CN.md", "docs/import-excel.md"]
GUIDES = ["docs/guides/read-a-consortium.md", "docs/guides/defend-a-portfolio.md"]
RULES = "docs/guides/rules.md"  # quotes no report, so it is run but not compared with one
SOURCES = "docs/guides/sources.md"
PROFILE = "docs/guides/profile.md"
MATCH = "docs/guides/match.md"
FILES = "docs/guides/from-files-to-consortium.md"
RUN = [*GUIDES, RULES, SOURCES, PROFILE, MATCH, FILES]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


@pytest.mark.parametrize("page", [*PAGES, *RUN])
def test_blocks_of_the_page_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall((ROOT / page).read_text("utf-8"))
    assert blocks
    for language, text in blocks:
        if language == "sh":
            for line in text.splitlines():
                command, _, remark = line.partition("#")
                if command.strip():
                    run(command.strip(), is_refused=remark.strip() == "refused")
        elif language == "python":
            exec(compile(text, page, "exec"), {})  # noqa: S102 - our own page
        elif language == "toml":
            (tmp_path / "mapping.toml").write_text(text, "utf-8")
        elif language == "yaml":  # its first line is a comment with the name of the file
            (tmp_path / text.splitlines()[0].removeprefix("# ")).write_text(text, "utf-8")
        elif language == "csv":
            (tmp_path / "new-challenges.csv").write_text(text, "utf-8")
    if page in GUIDES:
        for language in (page, in_chinese(page)):
            assert quoted_but_not_shown(language, tmp_path / "my-plan" / "report.html") == []


def in_chinese(page: str) -> str:
    return page.replace(".md", ".zh-CN.md")


def quoted_but_not_shown(page: str, report: Path) -> list[str]:
    """Return the bold figures of a guide that do not stand in the report."""
    text = html.unescape(re.sub(r"<[^>]*>", "", report.read_text("utf-8")))
    bold = re.findall(r"\*\*([^*\n]+)\*\*", (ROOT / page).read_text("utf-8"))
    quoted = [words for words in bold if re.search(r"\d", words)]
    assert quoted
    return [figure for figure in quoted if figure not in text]


def as_a_shell_does(word: str) -> list[str]:
    """Return the files that a pattern means; any other word as it is."""
    return sorted(map(str, Path().glob(word))) if "*" in word and "/" in word else [word]


def run(command: str, *, is_refused: bool = False) -> None:
    program, *written = shlex.split(command)
    assert program == "jicheng"
    arguments = [name for word in written for name in as_a_shell_does(word)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == (2 if is_refused else 0), (command, result.output)


def test_the_mapping_of_the_page_is_one(tmp_path: Path) -> None:
    from jicheng.io.excel.mapping import read_mapping

    text = dict(BLOCK.findall((ROOT / "docs/import-excel.md").read_text("utf-8")))["toml"]
    file = tmp_path / "mapping.toml"
    file.write_text(text, "utf-8")
    assert [sheet.table for sheet in read_mapping(file)] == ["zones", "organisations"]


@pytest.mark.parametrize("page", [*RUN, *map(in_chinese, RUN)])
def test_links_and_pictures_of_a_guide_are_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)]
    assert [link for link in links if not ((ROOT / page).parent / link).is_file()] == []


@pytest.mark.parametrize("page", RUN)
def test_both_languages_of_a_guide_give_the_same_commands(page: str) -> None:
    english, chinese = (
        [
            line.split("#")[0].strip()
            for language, text in BLOCK.findall((ROOT / name).read_text("utf-8"))
            for line in text.splitlines()
            if language in ("sh", "csv", "yaml", "python")
        ]
        for name in (page, in_chinese(page))
    )
    assert english == chinese
