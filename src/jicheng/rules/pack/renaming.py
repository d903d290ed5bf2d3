"""True names for conditions that an overlay changes without naming them anew.

The old name may state the old threshold: "at least 60 points" over a rule that asks for 40. Such
a condition is called by what it says now, and by whom; a remark about the old text is dropped.
"""

from __future__ import annotations

from dataclasses import replace

from jicheng.errors import Text
from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.pack.model import Condition, Pack
from jicheng.rules.pack.wording import Wording, say

__all__ = ["with_true_names"]


def with_true_names(pack: Pack, base: Pack) -> Pack:
    """Return a pack with overlays in which no condition is called by what it no longer says.

    Parameters
    ----------
    pack : Pack
        With overlays.
    base : Pack
        The same without.
    """
    before = {one.path: one for one in base.elements() if isinstance(one, Condition)}
    wording = Wording(pack, fact_dictionary())
    makers = {overlay.file: overlay.name for overlay in pack.overlays}

    def named(new: Condition) -> Condition:
        below = replace(
            new, any_of=tuple(map(named, new.any_of)), all_of=tuple(map(named, new.all_of))
        )
        old = before.get(new.path)
        if old is None or old.name != new.name or not _says(old) or _is_same(old, new):
            return below
        said = new.name if new.when is None else wording.of(new.when)
        by = makers.get(new.file, Text("补充文件", "an overlay"))
        note = None if new.note == old.note else new.note
        return replace(below, name=say("changed_by", said=said, by=by), note=note)

    return replace(
        pack,
        gates=tuple(map(named, pack.gates)),
        conditions=tuple(map(named, pack.conditions)),
        direct=tuple(map(named, pack.direct)),
    )


def _says(old: Condition) -> bool:
    """Whether a condition has a text that its name may tell."""
    return old.when is not None or bool(old.any_of or old.all_of)


def _is_same(old: Condition, new: Condition) -> bool:
    """Whether a condition itself is as before; those below it have names of their own."""
    return old.when == new.when and bool(old.any_of) == bool(new.any_of) and (
        bool(old.all_of) == bool(new.all_of)
    )  # fmt: skip
