"""``jicheng ask``: every question answers about a plan in a folder, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jicheng.cli import main
from jicheng.cli_ask import ask
from jicheng.plan import run_plan
from jicheng.plan.folder import read_table
from jicheng.sample import generate


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ask") / "plan"
    run_plan(generate(scale="small", seed=3).zone, folder)
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["ask", *map(str, arguments)])


def questions(plan: Path) -> dict[str, list[str]]:
    members = read_table(plan / "tables" / "members.csv")
    challenge, a, b = members["challenge"][0], *members["organisation"][:2]
    return {
        "why": [challenge],
        "who-else": [challenge, "-n", "1"],
        "alternatives": ["--loss", "5%"],
        "without": [a],
        "irreplaceable": [],
        "with": [challenge, a],
        "keep-out": [challenge, a],
        "forbid": [a, b],
        "require": ["*", "small"],
        "cap": ["kind=university", "1"],
        "scarce": [],
        "sure": ["--runs", "2"],
        "fair": ["--floor", "kind=firm:10%"],
        "infeasible": [challenge],
    }


def test_every_question_answers_in_both_languages_and_as_json(plan: Path) -> None:
    asked = questions(plan)
    assert set(asked) | {"money", "more"} == set(ask.commands)
    for name, arguments in asked.items():
        told = run(plan, name, *arguments)
        assert told.exit_code == 0, (name, told.output)
        assert " / " in told.stdout.splitlines()[0], name
        plain = json.loads(run(plan, name, *arguments, "--json").stdout)
        assert plain["sentences"], name
        assert all(one["zh"] and one["en"] for one in plain["sentences"]), name


def test_a_member_locked_in_where_it_is_costs_nothing(plan: Path) -> None:
    challenge, member = questions(plan)["with"]
    rows = json.loads(run(plan, "with", challenge, member, "--json").stdout)
    assert rows["tables"]["changed"] == []
    assert "0.00" in rows["sentences"][0]["en"]


def test_loss_without_a_member_is_the_one_in_the_plan_table(plan: Path) -> None:
    row = read_table(plan / "tables" / "replacements.csv").sort("loss").row(-1, named=True)
    told = json.loads(run(plan, "without", row["organisation"], "--json").stdout)
    assert f"{row['loss']:.2f}" in told["sentences"][0]["en"]


def test_money_is_read_from_the_plan(plan: Path) -> None:
    rows = json.loads(run(plan, "money", "--json").stdout)
    assert "all" in {row["purse"] for row in rows}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("why", "chal:nowhere"), "E330"),
        (("without", "org:nobody"), "E341"),
        (("fair", "--floor", "giants=0.2"), "E362"),
        (("fair", "--floor", "small=much"), "E365"),
        (("more", "5%"), "E364"),
    ],
)
def test_a_wrong_question_is_refused_with_a_remedy(
    plan: Path, arguments: tuple[str, ...], code: str
) -> None:
    told = run(plan, *arguments)
    assert told.exit_code == 2
    assert code in told.output
    assert "→" in told.output


def test_a_folder_without_a_plan_is_refused(tmp_path: Path) -> None:
    assert "E604" in run(tmp_path, "scarce").output
