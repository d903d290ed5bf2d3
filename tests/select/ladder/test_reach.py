from __future__ import annotations

import pytest

from jicheng.rules.pack.model import Formula, Group
from jicheng.select.ladder.reach import Reach
from ladder_builders import (
    DEFINITIONS,
    DICTIONARY,
    action,
    condition,
    indicator,
    named,
    pack_of,
    parse,
    table,
)  # fmt: skip

ACTIONS = (action("a", "a+1"), action("b", "b+1"), action("p", "p=true"), action("k", "k=city"))
PACK = pack_of(
    indicators=[
        indicator("i", 5, Formula(parse("a / 2")), group="g"),
        indicator("j", 5, Formula(parse("d"))),
    ],
    direct=[condition("direct", "x", "p or r")],
    definitions=DEFINITIONS,
    groups=[Group(**named("groups", "g"))],
)


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("a >= 1", {"a"}),
        ("a[-1] >= 1", set()),
        ("sum(a, 3) >= 1", {"a"}),
        ("official_growth(b) >= 0", {"b"}),
        ("total >= 1", {"a", "b"}),
        ("total[-1] >= 1", set()),
        ("needed >= 1", {"b"}),
        ("wanted >= 1", {"p"}),
        ("k in levels", {"k"}),
        ("k == city and d >= 1", {"k"}),
        ("not p or a >= b", {"p", "a", "b"}),
        ("score >= 1", {"a"}),
        ("group.g >= 1", {"a"}),
        ("indicator.j >= 1", set()),
        ("direct_pass", {"p"}),
        ("d >= 1", set()),
    ],
)
def test_an_expression_depends_on_the_actions_behind_its_names(text, reached):
    reach = Reach(PACK, table(dictionary=DICTIONARY, a=[1]), ACTIONS)
    assert {ACTIONS[k].id for k in reach.node(parse(text).root)} == reached
