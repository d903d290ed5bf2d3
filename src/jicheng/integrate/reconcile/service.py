"""Answers of the Reconciliation API 0.2: manifest, candidates, suggestions, preview, values.

Nothing here knows of HTTP beyond a path and its parameters; all answers are plain values
that JSON can write, or a page of HTML in which everything of the zone is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jicheng import __version__
from jicheng.errors import InvalidInput, Text
from jicheng.integrate.reconcile.queries import read_extension, read_queries
from jicheng.integrate.reconcile.registry import TYPES, Entity, Registry
from jicheng.integrate.reconcile.scoring import Candidate, candidates
from jicheng.integrate.resolve.names.script import plain_name
from jicheng.schema import Attribute, Kind, choices, zone_tables
from jicheng.zone import Zone

__all__ = ["Reply", "Service"]

_MOST_SUGGESTED = 20
_LONGEST_PREFIX = 500
_WIDTH, _HEIGHT = 480, 320
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:14px/1.5 sans-serif;margin:12px;color:#222}}h1{{font-size:16px;margin:0}}
p{{margin:2px 0 8px;color:#666}}th{{text-align:left;padding-right:12px;font-weight:normal;
color:#666;vertical-align:top;white-space:nowrap}}td{{word-break:break-word}}</style></head>
<body><h1>{title}</h1><p>{type} · {id}</p><table>{rows}</table></body></html>
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back: a value for JSON, or a page of HTML."""

    status: int = 200
    value: Any = None
    page: str = ""


@dataclass(frozen=True)
class Service:
    """Answers questions about one zone.

    Parameters
    ----------
    registry : Registry
        Entities of the zone.
    name : str
        Of the zone, as people read it.
    space : str
        Id of the zone, part of the identifier space.
    """

    registry: Registry
    name: str
    space: str
    _types: tuple[dict[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_types", tuple(map(_type, self.registry.types)))

    @classmethod
    def of(cls, zone: Zone) -> Service:
        """Make the service of a zone."""
        rows = zone["zones"].select("id", "name").rows() if "zones" in zone.tables else []
        space, name = rows[0] if rows else ("zone", "高新区")
        return cls(Registry(zone), name, space)

    def reply(self, path: str, params: Mapping[str, str], base: str) -> Reply:
        """Answer a request.

        Parameters
        ----------
        path : str
            Of the address, such as ``/`` or ``/suggest/entity``.
        params : mapping of str to str
            Of the address or the form.
        base : str
            Address of the service, for the manifest.
        """
        if "callback" in params:
            return _refusal(Text("不提供 JSONP", "JSONP is not offered"))
        try:
            return self._answer(path.rstrip("/") or "/", params, base)
        except InvalidInput as error:
            found = error.faults[0]
            return Reply(
                400, {"error": found.in_language("en"), "message": found.in_language("zh")}
            )

    def _answer(self, path: str, params: Mapping[str, str], base: str) -> Reply:
        if path == "/":
            if "queries" in params:
                return Reply(value=self._matched(params["queries"]))
            if "extend" in params:
                return Reply(value=self._extended(params["extend"]))
            return Reply(value=self.manifest(base))
        if path == "/preview":
            return self._preview(params.get("id", ""))
        suggest = {
            "/suggest/entity": self._suggested,
            "/suggest/type": self._suggested_types,
            "/suggest/property": self._suggested_properties,
        }.get(path)
        if suggest is not None:
            prefix = params.get("prefix", "")[:_LONGEST_PREFIX]
            return Reply(value={"result": suggest(prefix, params)})
        if path == "/extend/propose":
            return Reply(value=self._proposed(params))
        return Reply(404, {"error": "nothing here", "message": "没有这个地址"})

    def manifest(self, base: str) -> dict[str, Any]:
        """Return what the service is and where its parts answer."""
        return {
            "versions": ["0.2"],
            "name": f"集成 · {self.name}",
            "identifierSpace": f"urn:jicheng:zone:{self.space}",
            "schemaSpace": "urn:jicheng:schema",
            "serviceVersion": __version__,
            "defaultTypes": list(self._types),
            "view": {"url": f"{base}/preview?id={{{{id}}}}"},
            "preview": {"url": f"{base}/preview?id={{{{id}}}}", "width": _WIDTH, "height": _HEIGHT},
            "suggest": {
                name: {"service_url": base, "service_path": f"/suggest/{name}"}
                for name in ("entity", "type", "property")
            },
            "extend": {
                "propose_properties": {"service_url": base, "service_path": "/extend/propose"},
                "property_settings": [],
            },
        }

    def _matched(self, text: str) -> dict[str, Any]:
        return {
            name: {"result": [self._as_plain(one) for one in candidates(self.registry, query)]}
            for name, query in read_queries(text).items()
        }

    def _as_plain(self, found: Candidate) -> dict[str, Any]:
        entity = found.entity
        return {
            "id": entity.id,
            "name": entity.name,
            "description": self.registry.description(entity),
            "type": [_type(entity.type)],
            "score": found.score,
            "match": found.is_match,
            "features": [{"id": name, "value": value} for name, value in found.features],
        }

    def _suggested(self, prefix: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return entities whose name begins with, then those whose name holds the text."""
        asked, kind = plain_name(prefix), params.get("type", "")
        first, later = [], []
        for entity in self.registry.entities:
            if not asked or (kind and entity.type != kind):
                continue
            if entity.id == prefix or any(s.startswith(asked) for s in entity.spellings):
                first.append(entity)
            elif any(asked in spelling for spelling in entity.spellings):
                later.append(entity)
            if len(first) >= _MOST_SUGGESTED:
                break
        return [
            {"id": entity.id, "name": entity.name, "notable": [_type(entity.type)],
             "description": self.registry.description(entity)}
            for entity in (first + later)[:_MOST_SUGGESTED]
        ]  # fmt: skip

    def _suggested_types(self, prefix: str, _: Mapping[str, str]) -> list[dict[str, Any]]:
        return [one for one in self._types if _has(one, prefix)]

    def _suggested_properties(self, prefix: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        kinds = [params["type"]] if params.get("type") in TYPES else self.registry.types
        every = {
            one.name: {"id": one.name, "name": one.label.zh, "description": one.help.zh}
            for kind in kinds
            for one in _properties(kind)
        }
        return [one for one in every.values() if _has(one, prefix)]

    def _proposed(self, params: Mapping[str, str]) -> dict[str, Any]:
        kind, limit = params.get("type", ""), params.get("limit", "")
        found = self._suggested_properties("", params) if not kind or kind in TYPES else []
        most = int(limit) if limit.isascii() and limit.isdigit() else len(found)
        told = [{"id": one["id"], "name": one["name"]} for one in found[:most]]
        return {"type": kind or None, "limit": most, "properties": told}

    def _extended(self, text: str) -> dict[str, Any]:
        asked = read_extension(text)
        labels = {one.name: one for kind in TYPES for one in reversed(_properties(kind))}
        rows: dict[str, Any] = {}
        for name in asked.ids:
            entity = self.registry.by_id.get(name)
            rows[name] = {
                pid: self._values(entity, pid) if entity is not None else []
                for pid in asked.properties
            }
        return {"meta": [_meta(pid, labels.get(pid)) for pid in asked.properties], "rows": rows}

    def _values(self, entity: Entity, pid: str) -> list[dict[str, Any]]:
        value = entity.values.get(pid)
        if value is None or pid == "id" or pid not in zone_tables()[TYPES[entity.type]].names:
            return []
        attribute = zone_tables()[TYPES[entity.type]][pid]
        if attribute.kind is Kind.REFERENCE:
            return [{"id": str(value), "name": self.registry.label(str(value))}]
        if isinstance(value, bool):
            return [{"str": "true" if value else "false"}]
        if isinstance(value, int):
            return [{"int": value}]
        if isinstance(value, float):
            return [{"float": value}]
        if attribute.kind is Kind.DATE:
            return [{"date": f"{value}T00:00:00"}]
        return [{"str": str(value)}]

    def _preview(self, name: str) -> Reply:
        entity = self.registry.by_id.get(name)
        if entity is None:
            return Reply(404, page=_PAGE.format(title="没有这个编号 / no such id", type="",
                                                id=html.escape(name[:200]), rows=""))  # fmt: skip
        rows = "".join(
            f"<tr><th>{html.escape(one.label.zh)}</th><td>{html.escape(self._shown(entity, one))}"
            "</td></tr>"
            for one in _properties(entity.type)
            if one.name in entity.values and one.name != "name"
        )
        return Reply(page=_PAGE.format(
            title=html.escape(entity.name), type=html.escape(_type(entity.type)["name"]),
            id=html.escape(entity.id), rows=rows,
        ))  # fmt: skip

    def _shown(self, entity: Entity, attribute: Attribute) -> str:
        value = entity.values[attribute.name]
        if attribute.choice:
            labels = {one.value: one.label.zh for one in choices()[attribute.choice]}
            return labels.get(str(value), str(value))
        return self.registry.label(str(value))


def _refusal(reason: Text) -> Reply:
    found = InvalidInput.of("E098", reason=reason).faults[0]
    return Reply(400, {"error": found.in_language("en"), "message": found.in_language("zh")})


def _type(kind: str) -> dict[str, str]:
    label = zone_tables()[TYPES[kind]].label
    return {"id": kind, "name": f"{label.zh} {label.en}"}


def _properties(kind: str) -> list[Attribute]:
    return [one for one in zone_tables()[TYPES[kind]].attributes if one.name != "id"]


def _meta(pid: str, attribute: Attribute | None) -> dict[str, Any]:
    if attribute is None:
        return {"id": pid, "name": pid}
    meta: dict[str, Any] = {"id": pid, "name": attribute.label.zh}
    for kind, table in TYPES.items():
        if attribute.references == (table,):
            meta["type"] = _type(kind)
    return meta


def _has(one: Mapping[str, str], prefix: str) -> bool:
    """Tell whether an id, or a word of a name, holds the text."""
    asked = prefix.strip().lower()
    return asked in one["id"].lower() or asked in one["name"].lower()
