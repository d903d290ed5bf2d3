"""Packs and overlays with any value replaced are read or refused, never a crash."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jicheng.rules.pack.reading import inspect_pack
from jicheng.rules.pack.rendering import pack_table, render
from jicheng.rules.pack.shipped import pack_of, shipped
from jicheng.rules.pack.tree import compose, read_tree
from pack_builders import PACK, POINTS, SLOT, written

PLAIN = [compose(text).plain() for text in (PACK, POINTS, SLOT)]
OVERLAYS = [
    {
        "overlay": {name: plain[name] for name in ("id", "version", "name")},
        **{key: plain[key] for key in ("points", "gates", "indicators", "weights") if key in plain},
    }
    for plain in PLAIN
]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 200), st.floats(-1, 2), st.text(max_size=5),
    st.sampled_from(["missing", "verified", "revenue", "score", "age", "growth", "1 +"]),
    st.just([]), st.just({}), st.just([1, 2]), st.just({"id": "age", "status": "ours"}),
    st.just([{"id": "age", "status": "ours"}]),
)  # fmt: skip
KEYS = st.sampled_from(
    ["id", "status", "numbers", "when", "any_of", "of", "bands", "cases", "points", "value", "max",
     "cap", "parts", "options", "combine", "extension", "percentile", "otherwise", "ge", "choices"]
)  # fmt: skip


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Return every list or mapping with each of its keys."""
    found: list[tuple[Any, Any]] = []
    if isinstance(tree, dict):
        found += [(tree, key) for key in tree]
        found += [place for below in tree.values() for place in places(below)]
    elif isinstance(tree, list):
        found += [(tree, key) for key in range(len(tree))]
        found += [place for below in tree for place in places(below)]
    return found


def spoil(data: st.DataObject, tree: Any) -> Any:
    """Replace, remove or add a few values."""
    tree = copy.deepcopy(tree)
    for _ in range(data.draw(st.integers(1, 3))):
        there = places(tree)
        holder, key = there[data.draw(st.integers(0, len(there) - 1))]
        action = data.draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "replace":
            holder[key] = copy.deepcopy(data.draw(VALUES))
        elif action == "remove":
            del holder[key]
        elif isinstance(holder, dict):
            holder[data.draw(KEYS)] = copy.deepcopy(data.draw(VALUES))
        else:
            holder.append(copy.deepcopy(data.draw(VALUES)))
    return tree


def text_of(tree: Any) -> str:
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_spoilt_pack_is_refused_or_can_be_shown(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tree = spoil(data, data.draw(st.sampled_from(PLAIN)))
    found = inspect_pack(written(tmp_path_factory.mktemp("spoilt"), text_of(tree)))
    assert found.pack is not None or not found.is_sound
    for one in found.faults:
        assert one.in_language("zh")
        assert one.where.row is not None
    if found.pack is not None and found.is_sound:
        render(found.pack)
        pack_table(found.pack)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_spoilt_overlay_is_refused_or_can_be_shown(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = data.draw(st.integers(0, len(PLAIN) - 1))
    folder = tmp_path_factory.mktemp("spoilt")
    base = written(folder, text_of(PLAIN[place]))
    overlay = written(folder, text_of(spoil(data, OVERLAYS[place])), "overlay.yaml")
    found = inspect_pack(base, overlays=[overlay])
    assert found.pack is not None or not found.is_sound
    if found.pack is not None and found.is_sound:
        render(found.pack)


@pytest.mark.parametrize("key", list(shipped()))
def test_shipped_pack_written_anew_says_the_same(
    key: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = text_of(read_tree(shipped()[key]).plain())
    again = inspect_pack(written(tmp_path_factory.mktemp("anew"), text))
    assert again.faults == ()
    assert again.pack is not None
    assert render(again.pack) == render(pack_of(key))
