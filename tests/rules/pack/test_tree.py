"""YAML as a tree with places; what is hostile or ambiguous is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.rules.pack.reading import inspect_pack
from jicheng.rules.pack.tree import MOST_BYTES, MOST_DEPTH, MOST_NODES, compose, read_tree
from pack_builders import PACK, written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5), ("-3", -3), ("5e7", 5e7), ("1.0e-2", 0.01), (".5", 0.5), ("true", True),
        ("False", False), ("null", None), ("~", None), ("no", "no"), ("yes", "yes"), ("on", "on"),
        ("'5'", "5"), ('"true"', "true"), ("2016-01-01", "2016-01-01"), ("0x1F", "0x1F"),
        ("1:30", "1:30"), ("1_000", "1_000"), (".inf", ".inf"), (".nan", ".nan"),
        ("1e999", "1e999"), ("9" * 41, "9" * 41), ("|\n  5\n", "5\n"), ("007", 7),
    ],
)  # fmt: skip
def test_scalar_follows_the_core_schema(text: str, value: object) -> None:
    found = compose(f"key: {text}").keys["key"].value
    assert found == value
    assert type(found) is type(value)


def test_every_node_knows_its_line_and_column() -> None:
    tree = compose("a:\n  - b: 1\n    c: [x, y]\n", "f.yaml")
    inner = tree.keys["a"].items[0]
    assert (inner.line, inner.column) == (2, 5)
    assert [(one.line, one.column) for one in inner.keys["c"].items] == [(3, 9), (3, 12)]
    assert str(inner.where("a/0")) == "f.yaml:2:a/0"


def test_alias_repeats_a_value_at_its_own_place() -> None:
    tree = compose("a: &x [1, 2]\nb: *x\n")
    assert tree.plain() == {"a": [1, 2], "b": [1, 2]}
    assert tree.keys["b"].line == 2


def test_keys_are_words_whatever_they_look_like() -> None:
    assert list(compose("no: 1\n1: 2\ntrue: 3\n").keys) == ["no", "1", "true"]


def refused(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        compose(text, "f.yaml")
    return caught.value


def test_repeated_key_names_both_lines() -> None:
    fault = refused("a: 1\nb: 2\na: 3\n").faults[0]
    assert (fault.code, fault.where.row, fault.where.column) == ("E922", 3, "a")
    assert "line 1" in fault.message.en
    assert "第 1 行" in fault.message.zh
    assert "合并" in fault.hint.zh


def test_every_repeated_key_is_told() -> None:
    assert len(refused("a: 1\na: 2\nb: {c: 1, c: 2}\n").faults) == 2


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "line", "feature"),
    [
        ("a: 1\nb: !!python/object/apply:os.system [ls]", 2, "tag"),
        ("a: !!str 5", 1, "tag"),
        ("a: !own {b: 1}", 1, "tag"),
        ("a: &x {b: 1}\nc:\n  <<: *x", 3, "merge key"),
        ("a: 1\n---\nb: 2", 2, "several documents"),
        ("a: *x", 1, "alias"),
        ("a: &x [*x]", 1, "alias"),
        ("? [a, b]\n: 1", 1, "not a single word"),
        ("[" * 50 + "]" * 50, 1, "deep"),
        (BOMB, 5, "values after aliases"),
        ("a: [" + "1, " * 25_000 + "]", 1, "values after aliases"),
    ],
    ids=["python", "str", "own", "merge", "documents", "undefined", "itself", "key", "deep",
         "bomb", "many"],
)  # fmt: skip
def test_hostile_yaml_is_refused(text: str, line: int, feature: str) -> None:
    fault = refused(text).faults[0]
    assert (fault.code, fault.where.row) == ("E923", line)
    assert feature in fault.message.en
    assert "改用普通的键" in fault.hint.zh


def test_depth_up_to_the_bound_is_read() -> None:
    depth = MOST_DEPTH
    assert compose("[" * depth + "]" * depth).plain()


def test_values_up_to_the_bound_are_read() -> None:
    assert len(compose("[" + "1, " * (MOST_NODES - 1) + "]").items) == MOST_NODES - 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2", 1), ("a:\n  - b\n c: 1", 3), ("a: 'x", 1), ("a: b: c", 1), ("\ta: 1", 1),
        ("a: {b: 1，c: 2}", 1), ("a：1\nb: 2", 2), ("a: %x", 1), ("a: 1\nb: @x", 2),
        ('a: "\\q"', 1), ("a: \x07", 1),
    ],
)  # fmt: skip
def test_broken_yaml_is_refused_at_its_place(text: str, line: int) -> None:
    fault = refused(text).faults[0]
    assert fault.code == "E921"
    assert fault.where.row in (line, line + 1, None)
    assert "缩进" in fault.hint.zh
    assert "indents" in fault.hint.en


def test_file_in_another_encoding_is_refused_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes("id: a\nname: 规则\n".encode("gb18030"))
    with pytest.raises(InvalidInput) as caught:
        read_tree(path)
    fault = caught.value.faults[0]
    assert (fault.code, fault.where.row) == ("E920", 2)
    assert "UTF-8" in fault.hint.zh


def test_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfid: a\r\n")
    assert read_tree(path).plain() == {"id": "a"}


def test_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = written(tmp_path, "# " + "x" * MOST_BYTES)
    with pytest.raises(InvalidInput, match="larger than"):
        read_tree(path)


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_file_that_cannot_be_opened_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_tree(tmp_path / name)
    assert caught.value.code == "E920"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        compose(text).plain()
    except InvalidInput as error:
        assert error.code in ("E921", "E922", "E923")  # noqa: PT017 - either outcome is right


@settings(deadline=None)
@given(data=st.data())
def test_pack_with_any_line_spoilt_is_read_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = PACK.splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    start = data.draw(st.integers(0, len(lines[place])))
    spoilt = data.draw(st.sampled_from(["", "[", "}", ": ", "- ", "*a ", "&a ", "!", "1e400", "'"]))
    lines[place] = lines[place][:start] + spoilt + lines[place][start + 1 :]
    folder = tmp_path_factory.mktemp("spoilt")
    found = inspect_pack(written(folder, "\n".join(lines)))
    assert found.pack is not None or not found.is_sound
