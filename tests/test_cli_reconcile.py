"""The real server, asked as OpenRefine asks and as strangers would."""

from __future__ import annotations

import http.client
import json
import re
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from jicheng.cli import main
from jicheng.cli_reconcile import make_server
from jicheng.errors import InvalidInput
from jicheng.integrate.reconcile import Service
from reconcile_zones import made_up_zone

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
REFINE = {"Origin": "http://127.0.0.1:3333"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = make_server(Service.of(made_up_zone()), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def ask(
    port: int, method: str, path: str = "/", body: Any = None, headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def post(port: int, **fields: Any) -> Any:
    body = urlencode({name: json.dumps(field) for name, field in fields.items()})
    answer, data = ask(port, "POST", "/", body, FORM | REFINE)
    assert answer.status == 200
    return json.loads(data)


def test_manifest_names_the_address_that_was_asked(port: int) -> None:
    answer, data = ask(port, "GET")
    assert answer.status == 200
    assert json.loads(data)["preview"]["url"] == f"http://127.0.0.1:{port}/preview?id={{{{id}}}}"


def test_batch_as_openrefine_posts_it(port: int) -> None:
    queries = {
        "q0": {"query": "深圳市清河光电有限公司", "type": "organisation", "type_strict": "should",
               "limit": 3},
        "q1": {"query": "光电", "limit": 3, "properties": [
            {"p": "代码", "pid": "credit_code", "v": "914403009900000007"}]},
    }  # fmt: skip
    found = post(port, queries=queries)
    assert [found[name]["result"][0]["id"] for name in ("q0", "q1")] == ["o1", "o1"]
    assert found["q1"]["result"][0]["match"] is True


def test_batch_may_be_asked_by_get(port: int) -> None:
    path = "/?" + urlencode({"queries": json.dumps({"q0": {"query": "云海大学"}})})
    answer, data = ask(port, "GET", path)
    assert answer.status == 200
    assert json.loads(data)["q0"]["result"][0]["id"] == "o3"


def test_values_as_openrefine_extends_them(port: int) -> None:
    found = post(port, extend={"ids": ["o1"], "properties": [{"id": "region"}]})
    assert found["rows"] == {"o1": {"region": [{"str": "深圳"}]}}


def test_suggestions_and_preview(port: int) -> None:
    _, data = ask(port, "GET", "/suggest/entity?" + urlencode({"prefix": "清河"}))
    assert len(json.loads(data)["result"]) == 2
    answer, page = ask(port, "GET", "/preview?id=o7")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"<script" not in page


def test_preview_may_be_framed_here_and_runs_nothing(port: int) -> None:
    answer, _ = ask(port, "GET", "/preview?id=o1")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors http://127.0.0.1:* http://localhost:*" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Frame-Options" not in answer.headers


def test_page_of_this_machine_may_read_the_answer(port: int) -> None:
    answer, _ = ask(port, "GET", headers=REFINE)
    assert answer.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:3333"
    assert answer.headers["Vary"] == "Origin"
    answer, _ = ask(port, "OPTIONS", headers=REFINE)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://evil@127.0.0.1",
     "file://", "http://["],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_page_of_another_site_is_not_answered(port: int, origin: str, method: str) -> None:
    answer, data = ask(port, method, "/", "queries={}" if method == "POST" else None,
                       FORM | {"Origin": origin})  # fmt: skip
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert b"urn:jicheng" not in data


def test_name_that_leads_here_is_not_answered(port: int) -> None:
    answer, _ = ask(port, "GET", headers={"Host": "evil.example:3334"})
    assert answer.status == 403


def test_too_large_a_body_is_refused_unread(port: int) -> None:
    answer, _ = ask(port, "POST", "/", None, FORM | {"Content-Length": "2000001"})
    assert answer.status == 413
    assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("size", ["-1", "many", "²"])
def test_body_without_a_length_is_refused(port: int, size: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode("utf-8"))
        assert b" 411 " in connection.recv(100)


def test_too_many_fields_are_refused(port: int) -> None:
    answer, _ = ask(port, "POST", "/", "&".join(f"a{n}=1" for n in range(60)), FORM)
    assert answer.status == 400


def test_body_that_is_no_utf8_is_a_bad_request(port: int) -> None:
    answer, _ = ask(port, "POST", "/", b"queries=\xff\xfe", FORM)
    assert answer.status == 400


def test_jsonp_and_other_methods_are_not_offered(port: int) -> None:
    assert ask(port, "GET", "/?callback=x")[0].status == 400
    assert ask(port, "DELETE")[0].status == 501


def test_server_listens_on_this_machine_alone(port: int) -> None:
    server = make_server(Service.of(made_up_zone()), 0)
    assert server.server_address[0] == "127.0.0.1"
    server.server_close()


def test_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InvalidInput) as error:
            make_server(Service.of(made_up_zone()), taken.getsockname()[1])
    assert error.value.code == "E099"


def test_command_of_no_zone_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["reconcile", str(tmp_path / "nothing")])
    assert result.exit_code == 2
    assert "E150" in result.output


def test_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    made_up_zone().save(tmp_path / "zone")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    command = [sys.executable, "-m", "jicheng.cli", "reconcile", str(tmp_path / "zone"),
               "--port", str(number)]  # fmt: skip
    code = "import sys; from jicheng.cli import main; main(sys.argv[1:])"
    child = subprocess.Popen([sys.executable, "-u", "-c", code, *command[3:]],
                             stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert child.stdout is not None
    first = child.stdout.readline()
    assert re.search(rf"http://127\.0\.0\.1:{number}/", first)
    answer, _ = ask(number, "GET")
    assert answer.status == 200
    child.send_signal(2)
    rest, _ = child.communicate(timeout=20)
    assert child.returncode == 0
    assert "ended" in rest


def test_client_that_hangs_up_leaves_the_server_silent_and_well(
    port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            head = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\nquer"
            connection.sendall(head.encode())
    assert ask(port, "GET")[0].status == 200
    assert "Traceback" not in capfd.readouterr().err
