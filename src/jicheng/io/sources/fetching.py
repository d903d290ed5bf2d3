"""Fetch pages of a source, keep each as it came, and read them like files.

Every answer is written to disk with its address and time before the next is asked, so a
fetch that is cut off goes on where it stopped and nothing is fetched twice. Nothing is
ever fetched unless a user asks for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from jicheng.atomic import write_file
from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.io.sources import Source, import_files
from jicheng.io.sources.asking import Answer, Client, Request
from jicheng.io.sources.records import Origin, SourceRecords, joined
from jicheng.io.sources.sites import Ask, Interface
from jicheng.io.sources.values import PAGE

__all__ = ["Fetched", "PageStore", "fetch", "records_of"]

_ASK = "fetch.json"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch came to: pages on disk, whether there are more, and what to tell."""

    n_pages: int
    n_new: int
    is_complete: bool
    warnings: tuple[Fault, ...] = ()


class PageStore:
    """A folder of answers of one question: ``fetch.json`` and a numbered file a page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, ask: Ask, *, resume: bool) -> None:
        """Begin or go on; raise E095 if the folder holds something else."""
        told = {name: value for name, value in asdict(ask).items() if value}
        file = self.folder / _ASK
        if not file.exists():
            if resume:
                self._refuse(Text("没有已保存的页", "no page is kept there"))
            if self.folder.exists() and any(self.folder.iterdir()):
                self._refuse(Text("文件夹不为空", "the folder is not empty"))
            write_file(file, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())
            return
        if _loaded(file) != told:
            self._refuse(Text("检索条件不同", "something else was asked"))
        if not resume:
            self._refuse(Text("已有保存的页，续取请加 --resume", "it holds pages; add --resume"))

    def paths(self) -> list[Path]:
        """Return the pages in their order."""
        return sorted(self.folder.glob("page-*.json"))

    def add(self, answer: Answer, following: Request | None) -> None:
        """Keep one more page, in one step with what follows it."""
        text = answer.data.decode("utf-8")
        page = {
            PAGE: len(self.paths()) + 1,
            "address": answer.address,
            "moment": answer.moment,
            "sha256": hashlib.sha256(answer.data).hexdigest(),
            "following": None if following is None else asdict(following),
            "body": text,
        }
        name = f"page-{page[PAGE]:06d}.json"
        write_file(self.folder / name, json.dumps(page, ensure_ascii=False).encode())

    def last(self) -> dict[str, Any] | None:
        """Return the newest page; None if there is none."""
        paths = self.paths()
        return _loaded(paths[-1]) if paths else None

    def _refuse(self, reason: Text) -> None:
        raise InvalidInput.of("E095", path=self.folder, reason=reason)


def _loaded(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        reason = Text(f"{file.name} 已损坏", f"{file.name} is broken")
        raise InvalidInput.of("E095", path=file.parent, reason=reason) from error
    if not isinstance(found, dict):
        reason = Text(f"{file.name} 已损坏", f"{file.name} is broken")
        raise InvalidInput.of("E095", path=file.parent, reason=reason)
    return found


def fetch(
    interface: Interface,
    ask: Ask,
    store: PageStore,
    *,
    most_pages: int,
    resume: bool = False,
    client: Client | None = None,
    progress: Callable[[int], None] | None = None,
) -> Fetched:
    """Fetch pages until there are no more, or ``most_pages`` new ones are kept.

    Parameters
    ----------
    interface : Interface
        Of the source.
    ask : Ask
        What is wanted.
    store : PageStore
        Where answers are kept.
    most_pages : int
        New pages after which it stops; resuming goes on from there.
    resume : bool
        Whether to go on with what the store holds.
    client : Client, optional
        Default one with the real time.
    progress : callable, optional
        Called with the number of pages kept.

    Raises
    ------
    InvalidInput
        E098 if nothing is asked for, E095 for a store of something else, E090-E096 for
        what goes wrong on the way; the pages until then are kept.
    """
    if not ask.query.strip() and not ask.filter.strip():
        reason = Text("没有检索词或筛选条件", "it has neither a query nor a filter")
        raise InvalidInput.of("E098", reason=reason)
    first = interface.first(ask)
    store.open(ask, resume=resume)
    client = client or Client(interface.site)
    last = store.last()
    request = first if last is None else _request_of(last.get("following"), store)
    n_new = 0
    while request is not None and n_new < most_pages:
        answer = client.ask(request)
        following = interface.following(ask, request, _page_of(answer, client))
        if following == request:  # a source that goes in circles has no more to say
            following = None
        store.add(answer, following)
        n_new += 1
        request = following
        if progress is not None:
            progress(len(store.paths()))
    site, told = client.site, []
    if site.key and not client.has_key and n_new:
        told.append(fault("E094", is_warning=True, name=site.key, source=site.source))
    return Fetched(len(store.paths()), n_new, request is None, tuple(told))


def _request_of(following: object, store: PageStore) -> Request | None:
    if following is None:
        return None
    parts = following if isinstance(following, dict) else {}
    path, params = parts.get("path"), parts.get("params")
    if not isinstance(path, str) or not isinstance(params, dict) or not path.startswith("/"):
        reason = Text("最后一页已损坏", "its last page is broken")
        raise InvalidInput.of("E095", path=store.folder, reason=reason)
    return Request(path, {str(name): str(value) for name, value in params.items()})


def _page_of(answer: Answer, client: Client) -> dict[str, Any]:
    try:
        page = json.loads(answer.data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        reason = Text(f"不是 JSON（{str(error)[:100]}）", f"it is no JSON ({str(error)[:100]})")
        raise InvalidInput.of("E093", source=client.site.source, reason=reason) from None
    if not isinstance(page, dict):
        reason = Text("不是 JSON 对象", "it is no JSON object")
        raise InvalidInput.of("E093", source=client.site.source, reason=reason)
    return page


def records_of(source: Source, ask: Ask, store: PageStore) -> SourceRecords:
    """Read kept pages as records, each row with the day on which its page was retrieved."""
    pages = [(str(_loaded(path).get("moment", ""))[:10], path) for path in store.paths()]
    made = [
        replace(read, origins=tuple(_origins(read.origins, paths)))
        for day, paths in ((day, [path for _, path in group])
                           for day, group in groupby(pages, key=lambda page: page[0]))
        for read in [import_files(source, paths, retrieved=day, query=ask.as_text())]
    ]  # fmt: skip
    return joined(made)


def _origins(origins: tuple[Origin, ...], paths: list[Path]) -> Iterator[Origin]:
    for origin, path in zip(origins, paths, strict=True):
        page = _loaded(path)
        yield replace(origin, address=str(page.get("address", "")), sha256=str(page["sha256"]))
