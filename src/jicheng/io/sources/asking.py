"""One question to one source over HTTPS: paced, retried, bounded, never led elsewhere.

Only the host of the source is asked, whatever it answers; keys come from the environment
and go into no file and no message. Waiting follows ``Retry-After`` where a source says so.
"""

from __future__ import annotations

import email.utils
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any, NoReturn
from urllib.parse import urlencode, urlsplit

from jicheng import __version__
from jicheng.errors import InvalidInput, JichengError, Text
from jicheng.io.limits import in_units
from jicheng.io.sources.cleaning import clean
from jicheng.io.sources.pacing import Bucket, Clock, Pace

__all__ = ["CONTACT", "Answer", "Client", "Patience", "Request", "Site"]

CONTACT = "JICHENG_CONTACT"
_AGAIN = frozenset((429, 500, 502, 503, 504))
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Site:
    """Where a source answers, and how often it may be asked.

    ``key_in`` is the parameter or, with a colon at its end, the header that takes the key
    from the environment variable ``key``; ``pace_with_key`` holds when it is set.
    """

    source: str
    base: str
    pace: Pace
    pace_with_key: Pace
    key: str = ""
    key_in: str = ""
    key_form: str = "{}"
    contact_in: str = ""
    accept: str = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a path below the base and its parameters."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the address without any key, the day and time, and the content."""

    address: str
    moment: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, how often tried again and how much taken (ours)."""

    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 120.0
    timeout: float = 60.0
    whole_answer: float = 300.0
    most_bytes: int = 50_000_000


class Client:
    """Asks one source.

    Parameters
    ----------
    site : Site
        Where; its base must be https (or this machine itself, for tests).
    clock : Clock, optional
        The time.
    patience : Patience, optional
        When to give up.

    Raises
    ------
    InvalidInput
        E090 if the base is no https address.
    """

    def __init__(
        self, site: Site, *, clock: Clock | None = None, patience: Patience | None = None
    ) -> None:
        self.site, self.clock = site, clock or Clock()
        self._patience = patience or Patience()
        self._key = os.environ.get(site.key, "").strip() if site.key else ""
        self._bucket = Bucket(site.pace_with_key if self._key else site.pace, self.clock)
        _check(site.base, site)
        handlers: list[urllib.request.BaseHandler] = [_SameHost(site)]
        if urlsplit(site.base).hostname == _LOOPBACK:
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    @property
    def has_key(self) -> bool:
        """Whether the environment holds a key for the source."""
        return bool(self._key)

    def ask(self, request: Request) -> Answer:
        """Ask, and ask again after a while where that may help.

        Raises
        ------
        InvalidInput
            E090 for a redirect elsewhere, E091 for a refusal, E092 without connection,
            E093 for too large an answer, E096 if the source wants a long wait.
        """
        wait = self._patience.first_wait
        for attempt in range(1, self._patience.attempts + 1):
            is_last = attempt == self._patience.attempts
            self._bucket.take()
            try:
                return self._once(request)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in _AGAIN or is_last:
                        raise self._refusal(error) from None
                    pause = self._asked_wait(error)
            except (OSError, http.client.HTTPException) as error:
                if is_last:
                    reason = self._hidden(f"{type(error).__name__}: {error}")
                    name = self.site.source
                    raise InvalidInput.of("E092", source=name, reason=reason) from None
                pause = None
            self.clock.sleep(wait if pause is None else pause)
            wait *= 2
        raise AssertionError  # the last attempt returned or raised

    def _once(self, request: Request) -> Answer:
        shown = f"{self.site.base}{request.path}"
        told = urlencode(request.params)
        shown = f"{shown}?{told}" if told else shown
        with self._opener.open(self._made(shown), timeout=self._patience.timeout) as answer:
            data = self._read(answer)
            said = answer.headers.get("Content-Length", "")
            if said.isdigit() and int(said) != len(data):
                raise http.client.IncompleteRead(data, int(said) - len(data))
        return Answer(shown, self.clock.moment().isoformat(timespec="seconds"), data)

    def _made(self, shown: str) -> urllib.request.Request:
        site, contact = self.site, os.environ.get(CONTACT, "").strip()
        more: dict[str, str] = {}
        if self._key and not site.key_in.endswith(":"):
            more[site.key_in] = self._key
        if contact and site.contact_in:
            more[site.contact_in] = contact
        whole = f"{shown}{'&' if '?' in shown else '?'}{urlencode(more)}" if more else shown
        _check(whole, site)
        made = urllib.request.Request(whole)  # noqa: S310 - checked to be https just above
        mail = f"mailto:{contact}" if contact else "no contact given"
        made.add_header("User-Agent", f"jicheng/{__version__} ({mail})")
        made.add_header("Accept", site.accept)
        if self._key and site.key_in.endswith(":"):
            made.add_unredirected_header(site.key_in[:-1], site.key_form.format(self._key))
        return made

    def _read(self, answer: IO[bytes]) -> bytes:
        blocks, size, most = [], 0, self._patience.most_bytes
        end = self.clock.now() + self._patience.whole_answer
        while block := answer.read(1 << 16):
            size += len(block)
            if size > most:
                reason = Text(f"超过 {in_units(most)}", f"it is larger than {in_units(most)}")
                raise InvalidInput.of("E093", source=self.site.source, reason=reason)
            if self.clock.now() > end:
                raise TimeoutError
            blocks.append(block)
        return b"".join(blocks)

    def _asked_wait(self, error: urllib.error.HTTPError) -> float | None:
        """Return the seconds that the source asks to wait; None if it does not say."""
        said = (error.headers.get("Retry-After") or "").strip()
        if not said:
            return None
        seconds = float(said) if said.isascii() and said.isdigit() else self._until(said)
        if seconds is not None and seconds > self._patience.longest_wait:
            raise InvalidInput.of("E096", source=self.site.source, seconds=round(seconds))
        return seconds

    def _until(self, said: str) -> float | None:
        try:
            then = email.utils.parsedate_to_datetime(said)
            return max((then - self.clock.moment()).total_seconds(), 0.0)
        except (ValueError, TypeError):
            return None

    def _refusal(self, error: urllib.error.HTTPError) -> JichengError:
        try:
            text = error.read(2_000).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            text = ""
        reason = self._hidden(clean(text, longest=200) or str(error.reason))
        name = self.site.source
        return InvalidInput.of("E091", source=name, status=error.code, reason=reason)

    def _hidden(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to the same host over the same scheme."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def redirect_request(self, *given: Any) -> urllib.request.Request | None:
        try:
            _check(given[-1], self._site)
        except InvalidInput:
            given[1].close()
            raise
        return super().redirect_request(*given)


def _check(address: str, site: Site) -> None:
    """Raise E090 unless an address is the source's own, over https."""
    asked, own = urlsplit(address), urlsplit(site.base)
    if asked.scheme != "https" and own.hostname != _LOOPBACK:
        _refuse(address, Text("不是 https", "it is not https"))
    if (asked.scheme, asked.netloc) != (own.scheme, own.netloc) or "@" in own.netloc:
        _refuse(address, Text(f"不是 {own.netloc}", f"it is not {own.netloc}"))


def _refuse(address: str, reason: Text) -> NoReturn:
    shown = urlsplit(address)
    where = f"{shown.scheme}://{shown.netloc}{shown.path}"[:200]
    raise InvalidInput.of("E090", address=where, reason=reason)
