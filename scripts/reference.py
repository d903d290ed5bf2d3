"""Write the reference pages that are made from data: run it with ``make docs``.

``docs/reference/`` holds the tables of a zone, the tables of a plan, every fact
that rules may ask for, every key of a rule pack, every parameter with its provenance, and every error
code. A test compares them with the data, so that they never tell of vanished things.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jicheng
from jicheng.rules.facts.dictionary import FactDefinition, fact_dictionary
from jicheng.rules.pack.structure import schema
from jicheng.schema import Attribute, Table, choices, parameters, plan_tables, zone_tables

FOLDER = Path(__file__).parents[1] / "docs" / "reference"


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    return {
        "zone-tables.md": _tables("高新区数据表 / Tables of a zone", zone_tables()),
        "plan-tables.md": _tables("方案结果表 / Tables of a plan", plan_tables()),
        "facts.md": _facts(),
        "pack-format.md": _pack_format(),
        "parameters.md": _parameters(),
        "errors.md": _errors(),
    }


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _tables(title: str, tables: Mapping[str, Table]) -> str:
    lines = [f"# {title}", ""]
    for table in tables.values():
        lines += [
            f"## `{table.name}` {table.label.zh} / {table.label.en}",
            "",
            f"{table.help.zh}。{table.help.en}. 主键 / key: `{', '.join(table.key)}`.",
            "",
            "| 列 / column | 类型 / type | 单位 / unit | 默认 / default | 中文 | English |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_row(_cells(attribute)) for attribute in table.attributes]
        lines.append("")
    return "\n".join(lines)


def _cells(attribute: Attribute) -> tuple[str, ...]:
    kind = attribute.kind.value
    if attribute.references:
        kind += f" → {', '.join(attribute.references)}"
    if attribute.choice:
        kind += ": " + ", ".join(choice.value for choice in choices()[attribute.choice])
    if attribute.low is not None or attribute.high is not None:
        low = "" if attribute.low is None else f"{attribute.low:g}"
        high = "" if attribute.high is None else f"{attribute.high:g}"
        kind += f" [{low}, {high}]"
    mark = "" if attribute.status == "optional" else " *"
    return (
        f"`{attribute.name}`{mark}",
        kind,
        attribute.unit,
        attribute.default,
        f"{attribute.label.zh}：{attribute.help.zh}",
        f"{attribute.label.en}: {attribute.help.en}",
    )


def _facts() -> str:
    lines = [
        "# 规则所用的事实 / Facts that rules may ask for",
        "",
        "规则包和政策条件中可用的名称（写法见 [规则语言](../rule-language.md)）。未知的数值可取自然范围内的任何值。",
        "Names for rule packs and conditions of policies ([language of rules](../rule-language.md)).",
        "A number that is not known may be anything in its natural range.",
        "",
        "| 名称 / name | 种类 / kind | 单位 / unit | 按年 / yearly | 自然范围 / range | 来源 / origin | 中文 | English |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for fact in fact_dictionary().values():
        kind = fact.kind.value
        if fact.choices:
            kind += ": " + ", ".join(f"{c.value} {c.label.zh}" for c in fact.choices)
        origin = f"`{fact.of.text}`" if fact.of else fact.origin
        zh, en = f"{fact.label.zh}：{fact.help.zh}", f"{fact.label.en}: {fact.help.en}"
        yearly = "√" if fact.is_yearly else ""
        lines.append(_row((f"`{fact.name}`", kind, fact.unit, yearly, _span(fact), origin, zh, en)))
    return "\n".join([*lines, ""])


def _span(fact: FactDefinition) -> str:
    if math.isinf(fact.minimum):
        return ""
    return (
        f"≥ {fact.minimum:g}"
        if math.isinf(fact.maximum)
        else f"{fact.minimum:g} – {fact.maximum:g}"
    )


def _pack_format() -> str:
    lines = [
        "# 规则包格式 / Format of rule packs",
        "",
        "规则包和补充文件用 YAML 书写（编辑器可用 `src/jicheng/rules/pack/pack.schema.json` 提示和检查），用",
        "`jicheng rules check` 检查。* 为必填。数字按 YAML 1.2 读取：`no`、`yes` 是文本，`5e7` 是数值，日期是文本。",
        "Packs and overlays are YAML; editors complete and check them with that JSON Schema, `jicheng rules",
        "check` checks what they say. * = required. Scalars follow YAML 1.2: `no` and `yes` are words, `5e7`",
        "is a number, a date is a text.",
        "",
        "补充文件中名称带 `_change` 的要素与同名要素的键相同，只有 `id` 和 `status` 必填，其余按键填写或改写。",
        "What is called `_change` in an overlay has the keys of the element itself, of which only `id` and",
        "`status` are required: the others fill or override, key by key.",
        "",
    ]
    for name, rules in schema()["$defs"].items():
        of = rules.get("items", rules)
        if name.endswith("_change") or "properties" not in of:
            continue
        english, _, chinese = rules.get("description", "").rpartition(". ")
        required = set(of.get("required", ()))
        lines += [f"## `{name}`", ""]
        lines += [f"{chinese}。{english}.", ""] if english else []
        lines += ["| 键 / key | 类型 / type | 中文 | English |", "|---|---|---|---|"]
        lines += [_row(_key_cells(key, below, required)) for key, below in of["properties"].items()]
        lines.append("")
    return "\n".join(lines)


def _key_cells(key: str, rules: dict[str, Any], required: set[str]) -> tuple[str, ...]:
    described, section = rules.get("description", ""), ""
    while "$ref" in rules:
        name = rules["$ref"].rsplit("/", 1)[1]
        rules = schema()["$defs"][name]
        described = described or rules.get("description", "")
        section = name if "properties" in rules.get("items", rules) else section
    english, _, chinese = described.rpartition(". ")
    kind = f"{_kind(rules)} → `{section}`" if section else _kind(rules)
    return f"`{key}` *" if key in required else f"`{key}`", kind, chinese, english


def _kind(rules: dict[str, Any]) -> str:
    """Return what a key may hold: its values, or its types and of what a list is."""
    if "enum" in rules or "const" in rules:
        return ", ".join(str(value).lower() for value in rules.get("enum", [rules.get("const")]))
    kinds = rules.get("type", "object")
    named = " / ".join([kinds] if isinstance(kinds, str) else kinds)
    below = rules.get("items", {}).get("$ref", "")
    return f"{named} → `{below.rsplit('/', 1)[1]}`" if below else named


def _parameters() -> str:
    lines = [
        "# 参数及依据 / Parameters and where they come from",
        "",
        "每个参数都可在设置文件中修改（`jicheng settings`）。",
        "Every one can be changed in a settings file (`jicheng settings`).",
        "",
        "| 阶段 / stage | 参数 / parameter | 单位 / unit | 敏感性范围 / range | 含义 / meaning | 依据 / provenance |",
        "|---|---|---|---|---|---|",
    ]
    for one in parameters():
        span = "" if one.low is None or one.high is None else f"{one.low:g} – {one.high:g}"
        lines.append(
            _row(
                (
                    one.stage,
                    f"`{one.name}`",
                    one.unit,
                    span,
                    f"{one.label.zh} / {one.label.en}",
                    f"{one.provenance.zh} / {one.provenance.en}",
                )
            )
        )
    return "\n".join([*lines, ""])


def _errors() -> str:
    lines = ["# 错误代码 / Error codes", "", "| 代码 / code | 中文 | English |", "|---|---|---|"]
    folder = Path(jicheng.__file__).parent / "messages"
    rows = [row for file in sorted(folder.glob("*.csv")) for row in _read(file)]
    for row in sorted(rows, key=lambda row: row["code"]):
        zh = f"{row['zh']} → {row['hint_zh']}"
        lines.append(_row((row["code"], zh, f"{row['en']} → {row['hint_en']}")))
    return "\n".join([*lines, ""])


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
