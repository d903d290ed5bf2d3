from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from jicheng.integrate.reconcile import Reply, Service
from jicheng.zone import Zone
from reconcile_zones import made_up_zone

BASE = "http://127.0.0.1:3334"
SERVICE = Service.of(made_up_zone())

_TEXT = {"type": "string"}
_TYPE = {"oneOf": [_TEXT, {"type": "object", "required": ["id"],
                           "properties": {"id": _TEXT, "name": _TEXT}}]}  # fmt: skip
_SERVICE = {"type": "object", "properties": {"service_url": _TEXT, "service_path": _TEXT}}
_HOLDS_ID = {"type": "string", "pattern": r".*\{\{id\}\}.*"}
# What the report of 2023-04-10 demands, in our words.
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace"],
    "properties": {
        "versions": {"type": "array", "items": _TEXT, "contains": {"enum": ["0.2"]}},
        "name": _TEXT, "identifierSpace": _TEXT, "schemaSpace": _TEXT, "serviceVersion": _TEXT,
        "defaultTypes": {"type": "array", "items": _TYPE, "uniqueItems": True},
        "view": {"type": "object", "required": ["url"], "properties": {"url": _HOLDS_ID}},
        "preview": {"type": "object", "required": ["url", "width", "height"],
                    "properties": {"url": _HOLDS_ID, "width": {"type": "integer"},
                                   "height": {"type": "integer"}}},
        "suggest": {"type": "object", "properties": dict.fromkeys(
            ("entity", "type", "property"), _SERVICE)},
        "extend": {"type": "object", "properties": {
            "propose_properties": _SERVICE, "property_settings": {"type": "array"}}},
    },
}  # fmt: skip
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object", "required": ["result"],
        "properties": {"result": {"type": "array", "items": {
            "type": "object", "required": ["id", "name", "score"],
            "properties": {
                "id": _TEXT, "name": _TEXT, "description": _TEXT, "score": {"type": "number"},
                "match": {"type": "boolean"}, "type": {"type": "array", "items": _TYPE},
                "features": {"type": "array", "items": {"type": "object", "properties": {
                    "id": _TEXT, "value": {"type": ["boolean", "number"]}}}},
            },
        }}},
    },
}  # fmt: skip
SUGGESTED = {
    "type": "object", "required": ["result"],
    "properties": {"result": {"type": "array", "items": {
        "type": "object", "required": ["id", "name"],
        "properties": {"id": _TEXT, "name": _TEXT, "description": _TEXT,
                       "notable": {"type": "array", "items": _TYPE}}}}},
}  # fmt: skip
EXTENDED = {
    "type": "object", "required": ["rows", "meta"],
    "properties": {
        "meta": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}},
        "rows": {"type": "object", "additionalProperties": {
            "type": "object", "additionalProperties": {"type": "array", "items": {"oneOf": [
                {"type": "object", "required": ["id", "name"], "additionalProperties": False,
                 "properties": {"id": _TEXT, "name": _TEXT, "description": _TEXT}},
                *({"type": "object", "required": [name], "additionalProperties": False,
                   "properties": {name: kind}} for name, kind in (
                    ("str", _TEXT), ("float", {"type": "number"}), ("int", {"type": "integer"}),
                    ("date", {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"}))),
            ]}}}},
    },
}  # fmt: skip


def get(path: str = "/", **params: Any) -> Reply:
    given = {name: one if isinstance(one, str) else json.dumps(one) for name, one in params.items()}
    return SERVICE.reply(path, given, BASE)


def value(path: str = "/", **params: Any) -> Any:
    reply = get(path, **params)
    assert reply.status == 200
    return reply.value


def test_manifest_is_as_the_report_demands() -> None:
    manifest = value()
    jsonschema.validate(manifest, MANIFEST)
    assert [one["id"] for one in manifest["defaultTypes"]] == [
        "organisation", "person", "capability", "facility",
    ]  # fmt: skip
    assert manifest["suggest"]["entity"] == {
        "service_url": BASE, "service_path": "/suggest/entity",
    }  # fmt: skip


def test_manifest_names_only_types_that_the_zone_has() -> None:
    zone = Zone.of({"capabilities": [{"id": "c", "name": "刻蚀"}]})
    manifest = Service.of(zone).reply("/", {}, BASE).value
    jsonschema.validate(manifest, MANIFEST)
    assert [one["id"] for one in manifest["defaultTypes"]] == ["capability"]


def test_batch_is_answered_query_by_query() -> None:
    queries = {"q0": {"query": "云海大学", "type": "organisation", "limit": 3},
               "q1": {"query": "没有这个名字"}}  # fmt: skip
    found = value(queries=queries)
    jsonschema.validate(found, RESULTS)
    assert found["q0"]["result"][0] | {"features": []} == {
        "id": "o3", "name": "云海大学", "description": "university · CHN",
        "type": [{"id": "organisation", "name": "组织 Organisations"}],
        "score": 95.0, "match": True, "features": [],
    }  # fmt: skip
    assert found["q1"] == {"result": []}


def test_malformed_batch_is_a_bad_request_in_both_languages() -> None:
    reply = get(queries="[")
    assert reply.status == 400
    assert "E098" in reply.value["error"]
    assert re.search("[一-鿿]", reply.value["message"])


def test_jsonp_is_not_offered() -> None:
    assert get(callback="alert").status == 400


def test_unknown_address_is_not_found() -> None:
    assert get("/admin").status == 404


def test_suggest_entity_puts_beginnings_first() -> None:
    found = value("/suggest/entity", prefix="清河")
    jsonschema.validate(found, SUGGESTED)
    assert {one["id"] for one in found["result"]} == {"o1", "o2"}
    assert [one["id"] for one in value("/suggest/entity", prefix="云海")["result"]] == ["o3", "o4"]
    assert [one["id"] for one in value("/suggest/entity", prefix="o7")["result"]] == ["o7"]


def test_suggest_entity_of_one_type_and_of_nothing() -> None:
    assert value("/suggest/entity", prefix="李", type="organisation") == {"result": []}
    assert value("/suggest/entity", prefix="") == {"result": []}


def test_suggest_types_and_properties() -> None:
    types = value("/suggest/type", prefix="组织")
    jsonschema.validate(types, SUGGESTED)
    assert [one["id"] for one in types["result"]] == ["organisation"]
    properties = value("/suggest/property", prefix="信用代码", type="organisation")
    jsonschema.validate(properties, SUGGESTED)
    assert [one["id"] for one in properties["result"]] == ["credit_code"]


def test_properties_are_proposed_for_a_type() -> None:
    found = value("/extend/propose", type="organisation", limit="3")
    assert found["type"] == "organisation"
    assert [one["id"] for one in found["properties"]] == ["name", "name_en", "kind"]
    assert value("/extend/propose", type="unicorn")["properties"] == []


def test_values_are_extended_in_their_kinds() -> None:
    names = ("region", "founded", "cost", "may_lead", "as_of", "owner", "x")
    extend = {"ids": ["o1", "f1", "nobody"], "properties": [{"id": name} for name in names]}
    found = value(extend=extend)
    jsonschema.validate(found, EXTENDED)
    assert found["rows"]["o1"] == {
        "region": [{"str": "深圳"}], "founded": [{"int": 2009}], "cost": [{"float": 12.5}],
        "may_lead": [{"str": "true"}], "as_of": [{"date": "2026-11-24T00:00:00"}],
        "owner": [], "x": [],
    }  # fmt: skip
    assert found["rows"]["f1"]["owner"] == [{"id": "o3", "name": "云海大学"}]
    assert not any(found["rows"]["nobody"].values())
    meta = {one["id"]: one for one in found["meta"]}
    assert meta["owner"]["type"]["id"] == "organisation"
    assert meta["region"]["name"] == "地区"


def test_preview_tells_what_the_zone_says() -> None:
    page = get("/preview", id="o1").page
    assert "深圳市清河光电有限公司" in page
    assert "企业" in page  # the label of the kind
    assert "914403009900000007" in page


def test_preview_escapes_everything() -> None:
    page = get("/preview", id="o7").page
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; 公司" in page


def test_preview_of_nobody_escapes_the_id() -> None:
    reply = get("/preview", id="<img src=x onerror=alert(1)>")
    assert reply.status == 404
    assert "<img" not in reply.page


@pytest.mark.parametrize("path", ["/suggest/entity", "/suggest/type", "/suggest/property"])
def test_hostile_prefix_is_only_text(path: str) -> None:
    assert value(path, prefix="(((" * 1000) == {"result": []}
