"""New packs and overlays to begin with: commented, and sound as they are.

An overlay begins with everything of a pack that is unverified or missing, commented out: a zone
takes the comment marks away from what it knows, types the official figures and says how they are
known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from jicheng.errors import InvalidInput, Where
from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.pack.model import Pack, PackKind, Percentile, Provenance
from jicheng.rules.pack.reading import AnyPath
from jicheng.rules.pack.shipped import pack_of, path_of
from jicheng.rules.pack.tree import read_tree

__all__ = ["new_overlay", "new_pack"]

_UNCERTAIN = frozenset({Provenance.UNVERIFIED, Provenance.MISSING})
_HEAD = ("issuer", "document", "valid", "grants", "points")
_SECTIONS = ("definitions", "groups", "gates", "indicators", "pass", "direct_pass", "missing")
_NESTED = ("any_of", "all_of", "parts", "options")
_NO_WORD = re.compile(r"[^a-z0-9]+")

_OVERLAY = """\
# 地方补充文件：填写或改写规则包 {key} 的要素，不改动规则包本身。
# An overlay: it fills or overrides elements of the pack {key} and leaves the pack as it is.
#
# 下面列出规则包中未核实或缺失的内容；去掉行首“# ”，填入官方内容，并把 status 改为 verified。
# Below is what the pack has unverified or missing: take away the leading "# ", type the official
# text or figures, and call them verified. Elements are matched by id; what is left out stays.
# 检查 / check: jicheng rules check {key} --overlay 本文件 THIS_FILE
overlay:
  id: {id}
  version: "{version}"
  name: {{zh: 地方补充, en: Local overlay}}
  issuer: {{status: missing}}        # {{text: 发布机构, status: verified}}
  document: {{status: missing}}      # {{text: 文号, status: verified}}
"""


def new_pack(path: AnyPath, kind: PackKind | str = PackKind.QUALIFICATION) -> Path:
    """Write a pack to begin with.

    Parameters
    ----------
    path : path
        Of a file that does not exist yet; its name becomes the id.
    kind : PackKind
        What it decides.

    Returns
    -------
    Path
        Of the file: commented in both languages, all its elements marked as ours, without a
        fault; its first line tells editors where the schema is.

    Raises
    ------
    InvalidInput
        E949 if the file cannot be written, or exists: nothing is ever overwritten.
    """
    target = Path(path)
    folder = resources.files("jicheng.rules.pack").joinpath("starters")
    text = folder.joinpath(f"{PackKind(kind)}.yaml").read_text("utf-8")
    word = _NO_WORD.sub("_", target.stem.lower()).strip("_")
    name = word if word[:1].isalpha() else f"pack_{word}".rstrip("_")
    return _write(target, text.replace("@ID@", f"local.{name}"))


def new_overlay(path: AnyPath, key: AnyPath) -> Path:
    """Write an overlay to begin with.

    Parameters
    ----------
    path : path
        Of a file that does not exist yet.
    key : str or path
        The pack that it is for: ``cn.hte``, ``cn.hte@2016`` or a file.

    Returns
    -------
    Path
        Of the file: it changes nothing until comment marks are taken away.

    Raises
    ------
    InvalidInput
        E949 as :func:`new_pack`; E946 if there is no such pack, and what is wrong with it.
    """
    pack = pack_of(key)
    lines = [_OVERLAY.format(key=pack.key, id=pack.id, version=pack.version)]
    for section, content in _open_content(pack, read_tree(path_of(key)).plain()):
        written = yaml.safe_dump(
            {section: content}, allow_unicode=True, sort_keys=False, default_flow_style=None,
            width=10_000,
        )  # fmt: skip
        lines += ["", *(f"# {line}" for line in written.splitlines())]
    return _write(Path(path), "\n".join(lines) + "\n")


def _write(path: Path, text: str) -> Path:
    schema = Path(str(resources.files("jicheng.rules.pack").joinpath("pack.schema.json")))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f"# yaml-language-server: $schema={schema.as_uri()}\n{text}")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput.of("E949", where=Where(table=str(path)), reason=reason) from error
    return path


def _open_content(pack: Pack, plain: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield sections with what is unverified or missing in them."""
    for key in _HEAD:
        if _is_uncertain(plain.get(key)):
            yield key, plain[key]
    is_weighed = any(isinstance(one.rule, Percentile) for one in pack.indicators)
    if is_weighed and (pack.weights is None or pack.weights.status in _UNCERTAIN):
        yield "weights", _equal_weights(pack)
    for section in _SECTIONS:
        changes = _changes(plain.get(section) or [])
        if changes:
            yield section, changes


def _is_uncertain(element: Any) -> bool:
    if not isinstance(element, dict):
        return False
    return bool(_UNCERTAIN & {element.get("status"), element.get("numbers")})


def _changes(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the uncertain elements of a list, and those with such elements below them."""
    found = []
    for element in elements:
        below: dict[str, Any] = {key: _changes(element.get(key, [])) for key in _NESTED}
        below = {key: changes for key, changes in below.items() if changes}
        slot = element.get("extension")
        if slot is not None and "parts" not in slot:
            below["extension"] = {"parts": _examples(element, slot)}
        if _is_uncertain(element):
            own = {key: value for key, value in element.items() if key not in _NESTED}
            found.append({**own, **below})
        elif below:
            found.append({"id": element["id"], "status": element["status"], **below})
    return found


def _examples(element: dict[str, Any], slot: dict[str, Any]) -> list[dict[str, Any]]:
    """Return indicators that could fill a slot, as few as are allowed."""
    count = max(1, slot["least"])
    most = [element["max"] // count] * count
    most[-1] = element["max"] - sum(most[:-1])
    return [
        {
            "id": f"local_{place}",
            "name": {"zh": f"地方指标{place}", "en": f"Local indicator {place}"},
            "max": points,
            "cases": [{"when": "own_brand", "points": points}, {"otherwise": True, "points": 0}],
            "status": Provenance.OURS.value,
        }
        for place, points in enumerate(most, 1)
    ]


def _equal_weights(pack: Pack) -> dict[str, Any]:
    """Return equal weights of all stages that sum to what is left of the total."""
    weighed = [one.id for one in pack.indicators if isinstance(one.rule, Percentile)]
    fixed = sum(one.max for one in pack.indicators if one.id not in weighed and not one.is_bonus)
    left = pack.total - fixed
    equal = round(left / len(weighed), 2)
    points = dict.fromkeys(weighed, equal)
    points[weighed[-1]] = round(left - equal * (len(weighed) - 1), 2)
    fact = fact_dictionary().get(pack.peers.stage) if pack.peers is not None else None
    stages = fact.values if fact is not None else ("all",)
    return {
        "by_stage": {stage: dict(points) for stage in stages},
        "status": Provenance.OURS.value,
    }
