"""The page on the language of rules tells of all that the language has, and of nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.expression.syntax import parse

PAGE = (Path(__file__).parents[2] / "docs" / "rule-language.md").read_text("utf-8")
FORMS = [
    code
    for line in PAGE.split("## ")[0].splitlines()
    if line.startswith("| `")
    for code in re.findall(r"`([^`]+)`", line.split(" | ")[0])
    if re.search(r"[a-z0-9]", code)
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(form: str) -> None:
    assert form in ("and", "or", "not") or parse(form).text == form


def test_every_function_is_told() -> None:
    with pytest.raises(InvalidInput) as raised:
        parse("nothing_like_it(x)")
    known = raised.value.faults[0].hint.en.split(": ")[1].split(", ")
    assert len(known) > 5
    assert [name for name in known if f"`{name}(" not in PAGE] == []
