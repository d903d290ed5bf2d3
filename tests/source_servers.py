"""A real HTTP server that answers like a source: for tests of fetching."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jicheng.io.sources.pacing import Clock


@dataclass
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False  # says more bytes than it sends

    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Asked:
    path: str
    params: dict[str, str]
    headers: dict[str, str]


class _SilentServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client was killed."""


class SourceServer:
    """Answers with what ``answer(asked)`` returns and remembers every request."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self.asked: list[Asked] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                params = {name: values[0] for name, values in parse_qs(parts.query).items()}
                asked = Asked(parts.path, params, dict(self.headers))
                outer.asked.append(asked)
                reply = answer(asked)
                data = reply.data()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data) + (99 if reply.cut else 0)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self._server = _SilentServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[SourceServer]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class QuickClock(Clock):
    """A clock that jumps instead of waiting."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def moment(self) -> datetime:
        return datetime(2026, 11, 24, 8, tzinfo=UTC) + timedelta(seconds=self.time)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def openalex_page(n: int, last: int) -> dict[str, Any]:
    """Return page ``n`` of works, two a page, with the cursor of the next."""
    address = "https://openalex.org"
    works = [
        {"id": f"{address}/W{10 * n + k}", "title": f"Page {n} work {k}", "type": "article",
         "publication_year": 2024, "authorships": []}
        for k in (1, 2)
    ]  # fmt: skip
    following = f"cursor-{n + 1}" if n < last else None
    return {"meta": {"count": 2 * last, "next_cursor": following}, "results": works}


def openalex(asked: Asked, last: int = 3) -> Reply:
    cursor = asked.params["cursor"]
    return Reply(body=openalex_page(1 if cursor == "*" else int(cursor[-1]), last))
