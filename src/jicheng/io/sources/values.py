"""JSON values and CSV rows of a stream, one at a time.

``objects`` reads JSON lines, one array of any length, and single objects alike, because
dumps, snapshots and pages of one source differ only in that. ``rows`` reads CSV by the
separator that its headings use.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from jicheng.errors import InvalidInput, Text
from jicheng.io.sources.files import Part, SourceLimits

__all__ = ["PAGE", "objects", "rows"]

PAGE = "jicheng_page"  # names an answer that a fetch has kept; its text stands in "body"
_CHUNK = 1 << 18
_BLANKS = " \t\r\n"
_SEPARATORS = ";,\t"


def objects(part: Part, limits: SourceLimits) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a stream.

    Yields
    ------
    dict
        Each element of a top-level array, else each value of the stream.

    Raises
    ------
    InvalidInput
        E081 if it is no UTF-8, no JSON, ends too early, or a value is too large or no
        object.
    """
    text = _Buffer(part, limits)
    is_array = text.next_is("[")
    n = 0
    while text.skip(",") if is_array else text.skip(""):
        if is_array and text.next_is("]"):
            if text.skip(""):
                _broken(part, n, "text after the end")
            return
        n += 1
        found = text.value(n)
        if not isinstance(found, dict):
            _broken(part, n, f"{type(found).__name__} is no object")
        if PAGE in found:
            yield from _kept(part, found, limits)
        else:
            yield found
    if is_array:
        _broken(part, n, "the array does not end")


def _kept(part: Part, page: Mapping[str, Any], limits: SourceLimits) -> Iterator[dict[str, Any]]:
    """Yield the objects of an answer as it came."""
    body = page.get("body")
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else b""
    yield from objects(Part(part.name, io.BytesIO(data)), limits)


class _Buffer:
    """Text of a stream that has not been consumed yet."""

    def __init__(self, part: Part, limits: SourceLimits) -> None:
        self._part, self._limits = part, limits
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder(parse_constant=_no_constant)
        self._text, self._at, self._ended = "", 0, False

    def skip(self, separator: str) -> bool:
        """Go past blanks and one kind of separator; return whether anything is left."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANKS + separator:
                self._at += 1
            if self._at < len(self._text):
                return True
            if self._ended:
                return False
            self._read(_CHUNK)

    def next_is(self, character: str) -> bool:
        """Go past the character if it comes next."""
        if self.skip("") and self._text[self._at] == character:
            self._at += 1
            return True
        return False

    def value(self, n: int) -> object:
        """Return the next value, reading on while it is not whole."""
        step = _CHUNK
        while True:
            try:
                found, self._at = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._ended:
                    _broken(self._part, n, str(error))
                if len(self._text) - self._at > self._limits.value_bytes:
                    _broken(self._part, n, "a value without end")
                self._read(step)
                step *= 2
            except (ValueError, RecursionError) as error:
                _broken(self._part, n, str(error))
            else:
                return found

    def _read(self, size: int) -> None:
        data = self._part.stream.read(size)
        self._ended = not data
        try:
            more = self._decoder.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            _broken(self._part, 0, str(error))
        self._text = self._text[self._at :] + more
        self._at = 0


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _broken(part: Part, n: int, reason: str) -> NoReturn:
    raise InvalidInput.of("E081", where=part.where, n=n, reason=reason[:200])


def rows(
    part: Part,
    needed: Sequence[str],
    limits: SourceLimits,
    *,
    is_wanted: Callable[[str], bool] | None = None,
) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV stream as texts by heading.

    Parameters
    ----------
    needed : sequence of str
        Headings without which it is not a file of the source.
    is_wanted : callable, optional
        Tells which headings are read; default all.

    Yields
    ------
    dict of str to str
        A row with too few or too many cells comes as an empty dict: for the caller to
        count.

    Raises
    ------
    InvalidInput
        E081 if it is no UTF-8 or no CSV, E080 if a needed heading is missing.
    """
    text = io.TextIOWrapper(part.stream, encoding="utf-8-sig", newline="")
    before = csv.field_size_limit(limits.value_bytes)
    reader = csv.reader(text, strict=True)
    try:
        first = text.readline(limits.value_bytes)
        separator = max(_SEPARATORS, key=first.count)
        headings = [cell.strip() for cell in next(csv.reader([first], delimiter=separator), [])]
        missing = [name for name in needed if name not in headings]
        if missing:
            names = ", ".join(missing)
            reason = Text(f"缺少列 {names}", f"it lacks the columns {names}")
            raise InvalidInput.of("E080", path=part.name, reason=reason)
        wanted = [(k, name) for k, name in enumerate(headings) if not is_wanted or is_wanted(name)]
        reader = csv.reader(text, delimiter=separator, strict=True)
        for cells in reader:
            if cells:
                fits = len(cells) == len(headings)
                yield {name: cells[k] for k, name in wanted} if fits else {}
    except (UnicodeDecodeError, csv.Error) as error:
        _broken(part, reader.line_num + 1, str(error))
    finally:
        csv.field_size_limit(before)
        text.detach()
