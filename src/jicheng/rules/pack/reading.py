"""Packs from YAML files: read, checked for shape, overlaid, made, checked for sense.

Nothing is read by halves: a file with any error gives no pack, and all its errors at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from jicheng.errors import Fault, InvalidInput
from jicheng.rules.pack.building import build
from jicheng.rules.pack.checking import check
from jicheng.rules.pack.model import Overlay, Pack
from jicheng.rules.pack.overlay import merged
from jicheng.rules.pack.renaming import with_true_names
from jicheng.rules.pack.structure import located, repeated_ids, structure_faults
from jicheng.rules.pack.tree import Node, read_tree

__all__ = ["Inspection", "inspect_pack", "read_pack"]

AnyPath: TypeAlias = str | os.PathLike[str]

_SHIPPED = Path(__file__).parents[1] / "packs"  # their names say enough, wherever they lie


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a pack's files say and what is wrong with them.

    Attributes
    ----------
    pack : Pack or None
        None if the files cannot be made a pack.
    faults : tuple of Fault
        Errors and warnings.
    """

    pack: Pack | None
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        """Whether there are no errors."""
        return all(one.is_warning for one in self.faults)


def inspect_pack(path: AnyPath, *, overlays: Sequence[AnyPath] = ()) -> Inspection:
    """Read a pack and tell everything that is wrong with it, warnings included.

    Parameters
    ----------
    path : path
        Of a pack in YAML.
    overlays : sequence of path
        Files that fill or override its elements, in order.

    Returns
    -------
    Inspection
    """
    try:
        tree, heads, doubts = _tree(Path(path), [Path(one) for one in overlays])
    except InvalidInput as error:
        return Inspection(None, error.faults)
    try:
        pack = build(tree, heads)
        if overlays:
            pack = with_true_names(pack, build(_shaped(Path(path), "pack"), ()))
    except InvalidInput as error:
        return Inspection(None, located(error.faults, tree))
    return Inspection(pack, (*doubts, *located(check(pack), tree)))


def read_pack(path: AnyPath, *, overlays: Sequence[AnyPath] = ()) -> Pack:
    """Read a pack.

    Parameters
    ----------
    path : path
        Of a pack in YAML.
    overlays : sequence of path
        Files that fill or override its elements, in order.

    Returns
    -------
    Pack

    Raises
    ------
    InvalidInput
        With every error, each with file, line, element path and remedy: E920 to E923 for the
        file and its YAML, E924 to E929 for its shape, E900 to E919 for expressions, and from
        E930 for what does not make sense.
    """
    found = inspect_pack(path, overlays=overlays)
    if found.pack is None or not found.is_sound:
        raise InvalidInput(one for one in found.faults if not one.is_warning)
    return found.pack


def _tree(
    path: Path, overlays: Sequence[Path]
) -> tuple[Node, tuple[Overlay, ...], tuple[Fault, ...]]:
    """Return a pack's tree of the right shape, with what overlays say."""
    base = _shaped(path, "pack")
    if not overlays:
        return base, (), ()
    tree, heads, doubts = merged(base, [_shaped(one, "overlay") for one in overlays])
    return _of_right_shape(tree, "pack"), heads, doubts


def _shaped(path: Path, kind: str) -> Node:
    name = path.name if path.parent == _SHIPPED else str(path)
    return _of_right_shape(read_tree(path, name), kind)


def _of_right_shape(root: Node, kind: str) -> Node:
    faults = structure_faults(root, kind) or repeated_ids(root)
    if faults:
        raise InvalidInput(faults)
    return root
