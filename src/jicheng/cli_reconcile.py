"""Command that serves a zone to OpenRefine, on this machine alone."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import click

from jicheng import __version__
from jicheng.cli_output import example, spinner, told_errors
from jicheng.errors import InvalidInput

if TYPE_CHECKING:
    from jicheng.integrate.reconcile import Service

__all__ = ["make_server", "reconcile"]

_HOST = "127.0.0.1"
_OWN_NAMES = (_HOST, "localhost")
_MOST_BYTES = 2_000_000
_MOST_FIELDS = 50
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors http://127.0.0.1:* http://localhost:*"
)


@click.command(epilog=example("jicheng reconcile my-zone --port 3334"))
@click.argument("zone", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=3334,
    show_default=True,
    help="端口；OpenRefine 自己用 3333 / port; OpenRefine itself uses 3333",
)
def reconcile(zone: Path, port: int) -> None:
    """为 OpenRefine 提供匹配服务 / serve a zone to OpenRefine, which matches lists with it.

    只在本机（127.0.0.1）提供，按 Ctrl+C 结束。在 OpenRefine 中选择“核对 → 添加标准服务”，
    填入显示的地址。

    Served on this machine alone (127.0.0.1) until Ctrl+C. In OpenRefine choose Reconcile,
    Add standard service, and enter the address that is shown.
    """  # fmt: skip
    from jicheng.integrate.reconcile import Service
    from jicheng.zone import Zone

    with told_errors():
        with spinner(f"读取 / reading {zone}"):
            service = Service.of(Zone.load(zone))
        server = make_server(service, port)
    click.echo(f"匹配服务 / reconciliation service: http://{_HOST}:{server.server_port}/")
    click.echo(f"{len(service.registry.entities):,} 个条目 / entities；Ctrl+C 结束 / to end")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("已结束 / ended")
    finally:
        server.server_close()


def make_server(service: Service, port: int) -> ThreadingHTTPServer:
    """Return a server of a service on this machine alone; E099 if the port is taken."""

    class Handler(_Handler):
        answers = service

    try:
        server = _Server((_HOST, port), Handler)
    except OSError as error:
        raise InvalidInput.of("E099", port=port, reason=error.strerror or str(error)) from error
    return server


class _Server(ThreadingHTTPServer):
    """A server that stays silent when a client hangs up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Reads a request within bounds, refuses strangers, and writes the answer."""

    answers: Service
    server_version = f"jicheng/{__version__}"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._reply(parts.path, parts.query)

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "")
        if not size.isascii() or not size.isdigit():
            self._refuse(411, "a length is needed", "需要 Content-Length")
        elif int(size) > _MOST_BYTES:
            self._refuse(413, f"more than {_MOST_BYTES} bytes", f"超过 {_MOST_BYTES} 字节")
        else:
            body = self.rfile.read(int(size))
            self._reply(urlsplit(self.path).path, body.decode("utf-8", "replace"))

    def do_OPTIONS(self) -> None:
        if self._is_from_here():
            self.send_response(204)
            self._allow()
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _reply(self, path: str, form: str) -> None:
        if not self._is_from_here():
            return
        try:
            params = dict(parse_qsl(form, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
        except ValueError:
            self._refuse(400, "too many fields", "字段过多")
            return
        reply = self.answers.reply(path, params, f"http://{self.headers['Host']}")
        if reply.page:
            self._send(reply.status, reply.page.encode(), "text/html")
        else:
            data = json.dumps(reply.value, ensure_ascii=False, allow_nan=False).encode()
            self._send(reply.status, data, "application/json")

    def _is_from_here(self) -> bool:
        """Refuse what another site sends through a browser (also by a name that leads here)."""
        origin = self.headers.get("Origin")
        if not _is_own(f"http://{self.headers.get('Host', '')}") or (
            origin is not None and not _is_own(origin)
        ):
            self._refuse(403, "only this machine is answered", "只回答本机的请求")
            return False
        return True

    def _refuse(self, status: int, error: str, message: str) -> None:
        self.close_connection = True  # what is left of the request is not read
        data = json.dumps({"error": error, "message": message}, ensure_ascii=False).encode()
        self._send(status, data, "application/json")

    def _send(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self._allow()
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def _allow(self) -> None:
        """Let a page of this machine, as OpenRefine's, read the answer; nobody else."""
        self.send_header("Vary", "Origin")
        origin = self.headers.get("Origin")
        if origin is not None and _is_own(origin):
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
            self.send_header("Access-Control-Allow-Headers", "Content-Type")

    def log_message(self, *_: Any) -> None:
        """Keep names that are asked for out of logs."""


def _is_own(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in _OWN_NAMES and "@" not in parts.netloc
