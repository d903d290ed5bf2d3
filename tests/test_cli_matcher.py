from __future__ import annotations

import pytest

from jicheng.cli import main
from jicheng.cli_matcher import retrieval_of


@pytest.mark.parametrize("command", ["match", "label"])
def test_engine_is_the_same_option_in_every_command_that_reads_texts(command: str) -> None:
    known = {
        name: next(p for p in main.commands[name].params if p.name == "engine").to_info_dict()
        for name in ("profile", command)
    }
    assert known["profile"] == known[command]
    assert known[command]["type"]["choices"] == ("auto", "words", "use", "use+e5")


def test_best_engines_leave_the_slow_one_out_where_there_are_many_texts() -> None:
    assert retrieval_of("auto", 5_000).engines == ("use", "e5")
    assert retrieval_of("auto", 5_001).engines == ("use",)


def test_engine_asked_for_by_name_is_used_however_many_texts_there_are() -> None:
    asked = retrieval_of("use+e5", 1_000_000)
    assert asked.engines == ("use", "e5")
    assert asked.most_e5 > 1_000_000
    assert retrieval_of("words", 3).engines == ()
