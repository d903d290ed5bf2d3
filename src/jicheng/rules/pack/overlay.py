"""Overlays: files in which a province, city or zone fills or overrides elements of a pack.

Both files are merged as trees, so that every value keeps the file and line it came from.
Elements are matched by id, level by level, and filled key by key; a new form of an element (bands
where there were cases) replaces the old one with all its keys. Bands, cases, judged levels,
weights, peers and validity are replaced whole. Names that a pack does not have are refused: an
overlay adds indicators only in an extension slot, or where the pack lets places add their own,
which no overlay can allow itself. Figures that change under a name which tells any are a warning;
conditions get a name by what they say (:mod:`.renaming`).
"""

from __future__ import annotations

from collections.abc import Sequence

from jicheng.conform import nearest
from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.rules.pack.building import overlay_of
from jicheng.rules.pack.model import Overlay
from jicheng.rules.pack.structure import NESTED
from jicheng.rules.pack.tree import Node

__all__ = ["merged"]

_BY_ID = frozenset(
    {"definitions", "groups", "gates", "indicators", "pass", "direct_pass", "missing",
     "any_of", "all_of", "parts", "options"}
)  # fmt: skip
_BY_KEY = frozenset({"grants", "points", "extension"})
_APPENDED = frozenset({"sources"})
_FORMS = (
    frozenset({"of", "bands"}), frozenset({"cases"}), frozenset({"judged"}),
    frozenset({"formula"}), frozenset({"additive"}), frozenset({"parts"}),
    frozenset({"combine", "options"}), frozenset({"extension"}), frozenset({"percentile"}),
    frozenset({"choices"}), frozenset({"value"}),
    frozenset({"when"}), frozenset({"any_of"}), frozenset({"all_of"}),
)  # fmt: skip
_FORM_KEYS = frozenset().union(*_FORMS)
_FIGURES = ("bands", "cases")  # what a name may speak of
_KINDS = {
    "definitions": Text("定义", "definition"),
    "groups": Text("分组", "group"),
    "gates": Text("门槛条件", "gate"),
    "indicators": Text("指标", "indicator"),
    "pass": Text("通过条件", "pass condition"),
    "direct_pass": Text("直通条件", "direct pass"),
    "missing": Text("缺失内容", "missing element"),
    "any_of": Text("下级条件", "condition"),
    "all_of": Text("下级条件", "condition"),
    "parts": Text("分项", "part"),
    "options": Text("计分方式", "option"),
}


def merged(
    base: Node, overlays: Sequence[Node]
) -> tuple[Node, tuple[Overlay, ...], tuple[Fault, ...]]:
    """Fill or override elements of a pack.

    Parameters
    ----------
    base : Node
        A pack of the right shape.
    overlays : sequence of Node
        Overlays of the right shape, in order: the last word counts.

    Returns
    -------
    (Node, tuple of Overlay, tuple of Fault)
        The tree of the pack, to be checked for shape again, who changed it, and warnings.

    Raises
    ------
    InvalidInput
        E944 for an overlay of another pack or version, E932 for an id that the pack does not
        have, E945 for an indicator added where the pack allows none, E929 for an overlay that
        allows it itself; all at once.
    """
    faults: list[Fault] = []
    tree, heads = base, []
    for overlay in overlays:
        head = overlay.keys["overlay"]
        faults += _wrong_pack(base, head)
        heads.append(overlay_of(overlay))
        if _allows_local(overlay) and not _allows_local(base):
            faults.append(_own_permission(overlay))
        merger = _Merger(_allows_local(base))
        changes = {key: node for key, node in overlay.keys.items() if key != "overlay"}
        tree = merger.mapping(tree, overlay.with_keys(changes), "").with_place_of(base)
        faults += merger.faults
    if not all(one.is_warning for one in faults):
        raise InvalidInput(one for one in faults if not one.is_warning)
    return tree, tuple(heads), tuple(faults)


def _wrong_pack(base: Node, head: Node) -> list[Fault]:
    key = "@".join(str(base.keys[part].value) for part in ("id", "version"))
    meant = "@".join(str(head.keys[part].value) for part in ("id", "version"))
    if meant == key:
        return []
    return [fault("E944", where=head.where("overlay"), meant=meant, pack=key)]


def _own_permission(overlay: Node) -> Fault:
    local = overlay.keys["points"].keys["local"]
    rule = Text(
        "由规则包自己允许；补充文件请删去 local",
        "allowed by the pack itself: remove local from the overlay",
    )
    return fault("E929", where=local.where("points/local"), value="local: true", rule=rule)


def _allows_local(tree: Node) -> bool:
    points = tree.get("points")
    local = points.get("local") if points is not None else None
    return local is not None and local.value is True


class _Merger:
    """Goes down both trees and collects what does not fit."""

    def __init__(self, allows_local: bool) -> None:
        self.allows_local = allows_local
        self.faults: list[Fault] = []

    def mapping(self, old: Node, new: Node, path: str) -> Node:
        keys = _kept(old, new)
        for key, node in self._under_old_name(old, new).items():
            words = [word for word in path.split("/") if word not in (*NESTED, "extension")]
            place, name = node.where("/".join([*words, key])), _text(old.keys["name"])
            self.faults.append(fault("E939", where=place, is_warning=True, name=name))
        for key, node in new.keys.items():
            below = keys.get(key)
            where = f"{path}/{key}".lstrip("/")
            if key in _BY_ID and (below is not None or self._is_section(key, path)):
                keys[key] = self._listed(below, node, where)
            elif key in _BY_KEY and below is not None:
                keys[key] = self.mapping(below, node, where)
            elif key in _APPENDED and below is not None:
                keys[key] = Node((*below.items, *node.items), node.file, node.line, node.column)
            else:
                keys[key] = node
        return new.with_keys(keys)

    def _under_old_name(self, old: Node, new: Node) -> dict[str, Node]:
        """Return new figures under a name that tells some, perhaps the old ones."""
        if "name" in new.keys or "name" not in old.keys or not old.keys.keys() & {*_FIGURES}:
            return {}
        name = _text(old.keys["name"])
        if not any(character.isdigit() for character in f"{name.zh}{name.en}"):
            return {}
        told = {key: new.keys[key] for key in _FIGURES if key in new.keys}
        before = {key: old.keys[key].plain() for key in told if key in old.keys}
        return {
            key: node
            for key, node in told.items()
            if key not in before or before[key] != node.plain()
        }

    def _is_section(self, key: str, path: str) -> bool:
        """Tell a list of the pack itself, where nothing may be added that it does not allow."""
        return not path or (key == "parts" and path.endswith("/extension"))

    def _listed(self, old: Node | None, new: Node, path: str) -> Node:
        there = {str(one.keys["id"].value): one for one in (old.items if old else ())}
        for one in new.items:
            name = str(one.keys["id"].value)
            where = f"{path}/{name}"
            if name in there:
                there[name] = self.mapping(there[name], one, where)
            elif self._may_add(path):
                there[name] = one
            else:
                self._refuse(one, where, name, list(there))
        place = old or new
        return Node(tuple(there.values()), place.file, place.line, place.column)

    def _may_add(self, path: str) -> bool:
        if path in ("indicators", "groups"):
            return self.allows_local
        return path == "definitions" or path.endswith("/extension/parts")

    def _refuse(self, one: Node, path: str, name: str, known: list[str]) -> None:
        *above, section, _ = path.split("/")
        words = [word for word in above if word not in (*NESTED, "extension")]
        where = one.where("/".join([*words, *([] if above else [section]), name]))
        near, kind = nearest(name, known) or "-", _KINDS[section]
        if section in ("indicators", "groups"):
            self.faults.append(fault("E945", where=where, name=name, near=near, what=kind))
        else:
            self.faults.append(fault("E932", where=where, kind=kind, name=name, near=near))


def _text(name: Node) -> Text:
    if not name.keys:
        return Text(str(name.value), str(name.value))
    zh, en = (name.keys.get(language) for language in ("zh", "en"))
    return Text(str((zh or en or name).value), str((en or zh or name).value))


def _kept(old: Node, new: Node) -> dict[str, Node]:
    """Return the keys of the old element that stay: not those of a form that is replaced."""
    changed = [form for form in _FORMS if form & new.keys.keys()]
    if not changed or "id" not in new.keys:
        return dict(old.keys)
    stay = frozenset().union(*changed)
    gone = _FORM_KEYS - stay
    if not (stay & _BY_ID and stay & old.keys.keys()):  # else only something below it changes
        gone |= {"numbers"}
    return {key: node for key, node in old.keys.items() if key not in gone}
