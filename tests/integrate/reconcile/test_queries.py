from __future__ import annotations

import json

import pytest

from jicheng.errors import InvalidInput
from jicheng.integrate.reconcile import Query, read_extension, read_queries


def one(**said: object) -> Query:
    return read_queries(json.dumps({"q0": said}))["q0"]


def refused(text: str) -> str:
    with pytest.raises(InvalidInput) as error:
        read_queries(text)
    return error.value.code


def test_query_as_openrefine_sends_it() -> None:
    found = one(query="清河光电", type="organisation", type_strict="should", limit=3,
                properties=[{"p": "地区", "pid": "region", "v": "深圳"}])  # fmt: skip
    assert found == Query("清河光电", ("organisation",), "should", 3, (("region", ("深圳",)),))


def test_types_may_be_a_list_or_objects() -> None:
    assert one(query="x", type=["person", "facility"]).types == ("person", "facility")
    assert one(query="x", type=[{"id": "person", "name": "人"}]).types == ("person",)


def test_values_of_properties_may_be_of_any_plain_kind() -> None:
    found = one(properties=[{"pid": "a", "v": ["x", 1, True, {"id": "o1", "name": "n"}, None]}])
    assert found.properties == (("a", ("x", "1", "True", "o1")),)


@pytest.mark.parametrize(("given", "limit"), [(3.7, 3), (1_000_000, 50), (0.2, 1)])
def test_limit_is_brought_into_bounds(given: float, limit: int) -> None:
    assert one(query="x", limit=given).limit == limit


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "[" * 100_000, "null",
        '{"q0": "x"}',
        '{"q0": {}}',
        '{"q0": {"query": "  "}}',
        r'{"q0": {"query": "\ud800"}}', r'{"\ud800": {"query": "x"}}',
        '{"q0": {"query": 5}}',
        '{"q0": {"query": "x", "type": 5}}',
        '{"q0": {"query": "x", "type": [5]}}',
        '{"q0": {"query": "x", "limit": "3"}}',
        '{"q0": {"query": "x", "limit": -1}}',
        '{"q0": {"query": "x", "limit": NaN}}',
        '{"q0": {"query": "x", "limit": Infinity}}',
        '{"q0": {"query": "x", "type_strict": "perhaps"}}',
        '{"q0": {"query": "x", "properties": {}}}',
        '{"q0": {"query": "x", "properties": [5]}}',
        '{"q0": {"query": "x", "properties": [{"pid": "a"}]}}',
        '{"q0": {"query": "x", "properties": [{"pid": "a", "v": [[1]]}]}}',
    ],
)  # fmt: skip
def test_malformed_query_is_refused(text: str) -> None:
    assert refused(text) == "E098"


def test_too_long_a_query_and_too_many_are_refused() -> None:
    assert refused(json.dumps({"q0": {"query": "x" * 2_001}})) == "E098"
    assert refused(json.dumps({f"q{n}": {"query": "x"} for n in range(501)})) == "E098"


def test_extension_names_ids_and_properties() -> None:
    found = read_extension('{"ids": ["o1", "o1"], "properties": [{"id": "region"}, "ror"]}')
    assert (found.ids, found.properties) == (("o1",), ("region", "ror"))


@pytest.mark.parametrize(
    "text",
    ['{"ids": "o1", "properties": []}', '{"ids": [1], "properties": []}', '{"ids": []}',
     '{"ids": [], "properties": [{"name": "x"}]}', "[]"],
)  # fmt: skip
def test_malformed_extension_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read_extension(text)
    assert error.value.code == "E098"
