"""Sets of things that grow by joining two of them."""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["DisjointSets"]

T = TypeVar("T", int, str)


class DisjointSets(Generic[T]):
    """Each thing is alone until it is joined; a set is named by its smallest member."""

    def __init__(self) -> None:
        self._parent: dict[T, T] = {}

    def find(self, one: T) -> T:
        """Return the name of the set of a thing."""
        parent = self._parent
        while (above := parent.get(one, one)) != one:
            parent[one] = parent.get(above, above)
            one = above
        return one

    def join(self, one: T, other: T) -> bool:
        """Join two sets; return False if they are one already."""
        a, b = self.find(one), self.find(other)
        if a == b:
            return False
        self._parent[max(a, b)] = min(a, b)
        return True
