"""The real client against a real server of our own: nothing is mocked but the waiting."""

from __future__ import annotations

import email.utils
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.io.sources import sources
from jicheng.io.sources.asking import Client, Patience, Request, Site
from jicheng.io.sources.fetching import Fetched, PageStore, fetch, records_of
from jicheng.io.sources.pacing import Bucket, Pace
from jicheng.io.sources.sites import INTERFACES, Ask, Interface
from source_servers import Asked, QuickClock, Reply, SourceServer, openalex, openalex_page

RECORDINGS = Path(__file__).parent / "recordings"
WORKS = Ask("openalex", "lithography")
HASTY = Pace(1_000_000, 1.0)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENALEX_API_KEY", "ROR_CLIENT_ID", "ORCID_TOKEN", "JICHENG_CONTACT"):
        monkeypatch.delenv(name, raising=False)


def at(server: SourceServer, source: str = "openalex", **parts: Any) -> Interface:
    found = INTERFACES[source]
    return replace(found, site=replace(found.site, base=server.base, **parts))


def run(
    server: SourceServer,
    store: PageStore,
    ask: Ask = WORKS,
    *,
    clock: QuickClock | None = None,
    patience: Patience | None = None,
    most_pages: int = 99,
    resume: bool = False,
) -> Fetched:
    interface = at(server, ask.source)
    client = Client(interface.site, clock=clock or QuickClock(), patience=patience)
    return fetch(interface, ask, store, most_pages=most_pages, resume=resume, client=client)


def ask_once(
    answer: Callable[[Asked], Reply], clock: QuickClock, **patience: Any
) -> tuple[SourceServer, bytes]:
    with SourceServer(answer).running() as server:
        client = Client(at(server).site, clock=clock, patience=Patience(**patience))
        return server, client.ask(Request("/works")).data


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(InvalidInput) as error:
        call()
    return error.value.code


def test_fetch_takes_every_page_once(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "raw")
    with SourceServer(openalex).running() as server:
        found = run(server, store)
    assert (found.n_pages, found.n_new, found.is_complete) == (3, 3, True)
    assert [asked.params["cursor"] for asked in server.asked] == ["*", "cursor-2", "cursor-3"]
    assert {asked.params["search"] for asked in server.asked} == {"lithography"}


def test_fetched_rows_say_day_query_and_address(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "raw")
    with SourceServer(openalex).running() as server:
        run(server, store)
    made = records_of(sources()["openalex"], WORKS, store)
    assert made.texts.height == 6
    assert made.texts["retrieved"].unique().to_list() == ["2026-11-24"]
    assert made.texts["query"].unique().to_list() == ["works: lithography"]
    assert made.texts["licence"].unique().to_list() == ["CC0-1.0"]
    assert len(made.origins) == 3
    assert made.origins[1].address.endswith("cursor=cursor-2")
    assert len(made.origins[1].sha256) == 64


def test_pages_of_two_days_keep_their_days(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "raw")
    clock = QuickClock()
    with SourceServer(openalex).running() as server:
        run(server, store, clock=clock, most_pages=1)
        clock.time += 86_400
        run(server, store, clock=clock, resume=True)
    made = records_of(sources()["openalex"], WORKS, store)
    assert sorted(made.texts["retrieved"].unique()) == ["2026-11-24", "2026-11-25"]


def test_fetch_stops_after_the_pages_asked_for_and_resumes(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "raw")
    with SourceServer(openalex).running() as server:
        first = run(server, store, most_pages=2)
        again = run(server, store, resume=True)
        complete = run(server, store, resume=True)
    assert (first.n_pages, first.is_complete) == (2, False)
    assert (again.n_pages, again.n_new, again.is_complete) == (3, 1, True)
    assert complete.n_new == 0
    assert [asked.params["cursor"] for asked in server.asked] == ["*", "cursor-2", "cursor-3"]


def test_fetch_killed_after_the_second_page_fetches_nothing_twice(tmp_path: Path) -> None:
    third, go = threading.Event(), threading.Event()

    def answer(asked: Asked) -> Reply:
        if asked.params["cursor"] == "cursor-3" and not go.is_set():
            third.set()
            go.wait(20)
        return openalex(asked)

    with SourceServer(answer).running() as server:
        code = (
            "from dataclasses import replace; from pathlib import Path\n"
            "from jicheng.io.sources.fetching import *; from jicheng.io.sources.sites import *\n"
            "i = INTERFACES['openalex']\n"
            f"i = replace(i, site=replace(i.site, base={server.base!r}))\n"
            f"s = PageStore(Path({str(tmp_path / 'raw')!r}))\n"
            "fetch(i, Ask('openalex', 'lithography'), s, most_pages=9)\n"
        )
        child = subprocess.Popen([sys.executable, "-c", code])
        assert third.wait(20)
        child.send_signal(signal.SIGKILL)
        child.wait()
        go.set()
        store = PageStore(tmp_path / "raw")
        assert len(store.paths()) == 2
        found = run(server, store, resume=True)
    cursors = [asked.params["cursor"] for asked in server.asked]
    assert cursors == ["*", "cursor-2", "cursor-3", "cursor-3"]  # the third was never kept
    assert (found.n_pages, found.n_new) == (3, 1)
    assert records_of(sources()["openalex"], WORKS, store).texts.height == 6


def test_pages_until_a_failure_are_kept(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(503) if asked.params["cursor"] == "cursor-2" else openalex(asked)

    store = PageStore(tmp_path / "raw")
    with SourceServer(answer).running() as server:
        assert code_of(lambda: run(server, store)) == "E091"
    assert len(store.paths()) == 1


def test_answer_as_it_came_is_kept(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "raw")
    with SourceServer(openalex).running() as server:
        run(server, store, most_pages=1)
    page = json.loads(store.paths()[0].read_text("utf-8"))
    assert json.loads(page["body"]) == openalex_page(1, 3)
    assert page["moment"] == "2026-11-24T08:00:00+00:00"


def test_429_waits_as_long_as_it_is_told() -> None:
    replies = [Reply(429, headers={"Retry-After": "7"}), Reply(body={})]
    clock = QuickClock()
    ask_once(lambda _: replies.pop(0), clock)
    assert clock.slept == [7.0]


def test_retry_after_may_be_a_date() -> None:
    clock = QuickClock()
    then = email.utils.format_datetime(clock.moment() + timedelta(seconds=30), usegmt=True)
    replies = [Reply(503, headers={"Retry-After": then}), Reply(body={})]
    ask_once(lambda _: replies.pop(0), clock)
    assert clock.slept == [30.0]


@pytest.mark.parametrize("said", ["soon", "-5", "Tue, 99 Nov 2026"])
def test_retry_after_that_makes_no_sense_is_not_followed(said: str) -> None:
    replies = [Reply(429, headers={"Retry-After": said}), Reply(body={})]
    clock = QuickClock()
    ask_once(lambda _: replies.pop(0), clock)
    assert clock.slept == [1.0]


def test_wait_of_an_hour_is_left_to_the_user() -> None:
    clock = QuickClock()
    reply = Reply(429, headers={"Retry-After": "3600"})
    assert code_of(lambda: ask_once(lambda _: reply, clock)) == "E096"
    assert clock.slept == []


def test_waits_double_until_patience_ends() -> None:
    clock = QuickClock()
    assert code_of(lambda: ask_once(lambda _: Reply(500), clock)) == "E091"
    assert clock.slept == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refusal_is_not_asked_again(status: int) -> None:
    clock = QuickClock()
    with SourceServer(lambda _: Reply(status, {"error": "bad filter"})).running() as server:
        client = Client(at(server).site, clock=clock)
        with pytest.raises(InvalidInput) as error:
            client.ask(Request("/works"))
    assert error.value.code == "E091"
    assert "bad filter" in str(error.value)
    assert len(server.asked) == 1


def test_answer_cut_short_is_asked_again() -> None:
    replies = [Reply(body={"a": 1}, cut=True), Reply(body={"a": 2})]
    _, data = ask_once(lambda _: replies.pop(0), QuickClock())
    assert json.loads(data) == {"a": 2}


def test_nobody_there_is_told() -> None:
    with SourceServer(openalex).running() as server:
        site = at(server).site
    client = Client(site, clock=QuickClock())
    assert code_of(lambda: client.ask(Request("/works"))) == "E092"


def test_too_large_an_answer_is_refused() -> None:
    reply = Reply(body=b"x" * 1001)
    assert code_of(lambda: ask_once(lambda _: reply, QuickClock(), most_bytes=1000)) == "E093"


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"\xff", b"[" * 99_999])
def test_answer_that_is_no_json_object_is_refused_and_not_kept(body: bytes, tmp_path: Path) -> None:
    store = PageStore(tmp_path / "raw")
    with SourceServer(lambda _: Reply(body=body)).running() as server:
        assert code_of(lambda: run(server, store)) == "E093"
    assert store.paths() == []


def test_redirect_to_another_host_is_not_followed() -> None:
    with SourceServer(openalex).running() as other:
        where = f"{other.base}/works?cursor=*"
        reply = Reply(302, {}, {"Location": where})
        assert code_of(lambda: ask_once(lambda _: reply, QuickClock())) == "E090"
        assert other.asked == []


def test_redirect_on_the_same_host_is_followed() -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(302, {}, {"Location": "/new"}) if asked.path == "/works" else Reply(body={})

    server, _ = ask_once(answer, QuickClock())
    assert [asked.path for asked in server.asked] == ["/works", "/new"]


@pytest.mark.parametrize(
    "base", ["http://api.openalex.org", "ftp://api.openalex.org", "https://u@api.openalex.org"]
)
def test_site_must_be_https_without_a_user(base: str) -> None:
    site = replace(INTERFACES["openalex"].site, base=base)
    assert code_of(lambda: Client(site, clock=QuickClock())) == "E090"


def test_path_cannot_lead_to_another_host() -> None:
    client = Client(INTERFACES["openalex"].site, clock=QuickClock())
    for path in ("@evil.example/x", ".evil.example/x", ":444/x"):
        assert code_of(lambda path=path: client.ask(Request(path))) == "E090"


def test_every_shipped_site_is_https() -> None:
    assert {one.site.base[:8] for one in INTERFACES.values()} == {"https://"}


def test_key_goes_into_the_request_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENALEX_API_KEY", "top-secret")
    store = PageStore(tmp_path / "raw")
    with SourceServer(openalex).running() as server:
        found = run(server, store)
    assert {asked.params["api_key"] for asked in server.asked} == {"top-secret"}
    assert found.warnings == ()
    for file in store.folder.iterdir():
        assert "top-secret" not in file.read_text("utf-8")


def test_key_in_a_message_of_the_source_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENALEX_API_KEY", "top-secret")
    reply = Reply(403, {"error": "key top-secret is spent"})
    with pytest.raises(InvalidInput) as error:
        ask_once(lambda _: reply, QuickClock())
    assert "top-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("source", "variable", "header", "value"),
    [("ror", "ROR_CLIENT_ID", "Client-Id", "me"), ("orcid", "ORCID_TOKEN", "Authorization",
                                                   "Bearer me")],
)  # fmt: skip
def test_key_in_a_header(
    source: str, variable: str, header: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "me")
    with SourceServer(lambda _: Reply(body={})).running() as server:
        Client(at(server, source).site, clock=QuickClock()).ask(Request("/x"))
    assert {name.lower(): v for name, v in server.asked[0].headers.items()}[header.lower()] == value


def test_missing_key_is_a_warning(tmp_path: Path) -> None:
    with SourceServer(openalex).running() as server:
        found = run(server, PageStore(tmp_path / "raw"))
    assert [told.code for told in found.warnings] == ["E094"]


def test_client_names_itself_and_whom_to_write_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JICHENG_CONTACT", "it@zone.example")
    server, _ = ask_once(lambda _: Reply(body={}), QuickClock())
    assert server.asked[0].headers["User-Agent"].startswith("jicheng/")
    assert "mailto:it@zone.example" in server.asked[0].headers["User-Agent"]
    assert server.asked[0].params["mailto"] == "it@zone.example"


def test_pace_is_kept_while_fetching(tmp_path: Path) -> None:
    times: list[float] = []
    clock = QuickClock()

    def answer(asked: Asked) -> Reply:
        times.append(clock.time)
        cursor = asked.params["cursor"]
        n = 1 if cursor == "*" else int(cursor.removeprefix("cursor-"))
        return Reply(body=openalex_page(n, 30))

    with SourceServer(answer).running() as server:
        interface = at(server, pace=Pace(5, 60.0))
        client = Client(interface.site, clock=clock)
        fetch(interface, WORKS, PageStore(tmp_path / "raw"), most_pages=30, client=client)
    assert len(times) == 30
    assert most_in_a_window(times, 60.0) <= 5


def most_in_a_window(times: list[float], seconds: float) -> int:
    return max(sum(start <= t < start + seconds - 1e-6 for t in times) for start in times)


@given(
    st.integers(2, 200),
    st.floats(0.1, 300.0),
    st.lists(st.floats(0.0, 50.0), min_size=1, max_size=300),
)
def test_bucket_never_gives_more_than_the_quota_in_any_window(
    requests: int, seconds: float, pauses: list[float]
) -> None:
    clock = QuickClock()
    bucket = Bucket(Pace(requests, seconds), clock)
    times = []
    for pause in pauses:
        clock.time += pause
        bucket.take()
        times.append(clock.time)
    assert most_in_a_window(times, seconds) <= requests


def test_resume_of_something_else_is_refused(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "raw")
    with SourceServer(openalex).running() as server:
        run(server, store, most_pages=1)
        other = Ask("openalex", "etching")
        assert code_of(lambda: run(server, store, other, resume=True)) == "E095"
    assert len(server.asked) == 1


def test_pages_are_never_overwritten_without_resume(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "raw")
    with SourceServer(openalex).running() as server:
        run(server, store, most_pages=1)
        assert code_of(lambda: run(server, store)) == "E095"


def test_resume_of_nothing_is_refused(tmp_path: Path) -> None:
    with SourceServer(openalex).running() as server:
        store = PageStore(tmp_path / "raw")
        assert code_of(lambda: run(server, store, resume=True)) == "E095"
    assert server.asked == []


def test_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with SourceServer(openalex).running() as server:
        assert code_of(lambda: run(server, PageStore(tmp_path))) == "E095"


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"following": 3}', '{"following": {"path": "x", "params": {}}}']
)
def test_broken_page_is_refused(text: str, tmp_path: Path) -> None:
    store = PageStore(tmp_path / "raw")
    with SourceServer(openalex).running() as server:
        run(server, store, most_pages=1)
        store.paths()[0].write_text(text)
        assert code_of(lambda: run(server, store, resume=True)) == "E095"


def test_nothing_asked_for_is_refused(tmp_path: Path) -> None:
    with SourceServer(openalex).running() as server:
        store = PageStore(tmp_path / "raw")
        assert code_of(lambda: run(server, store, Ask("openalex"))) == "E098"
    assert not store.folder.exists()


def test_unknown_kind_of_openalex_is_refused(tmp_path: Path) -> None:
    with SourceServer(openalex).running() as server:
        ask = Ask("openalex", "x", entity="dogs")
        assert code_of(lambda: run(server, PageStore(tmp_path / "raw"), ask)) == "E088"


def recorded(file: str) -> dict[str, Any]:
    return json.loads((RECORDINGS / file).read_text("utf-8"))


def test_ror_pages_follow_the_number_of_results(tmp_path: Path) -> None:
    items = recorded("ror/version-2.json")
    reply = Reply(body={"number_of_results": 45, "items": items})
    with SourceServer(lambda _: reply).running() as server:
        store, ask = PageStore(tmp_path / "raw"), Ask("ror", "云海")
        run(server, store, ask)
    assert [asked.params["page"] for asked in server.asked] == ["1", "2", "3"]
    assert server.asked[0].path == "/v2/organizations"
    assert records_of(sources()["ror"], ask, store).organisations.height == 2


def test_ror_page_without_items_is_the_last(tmp_path: Path) -> None:
    reply = Reply(body={"number_of_results": 45, "items": []})
    with SourceServer(lambda _: reply).running() as server:
        run(server, PageStore(tmp_path / "raw"), Ask("ror", "云海"))
    assert len(server.asked) == 1


def test_gleif_filters_are_named_and_pages_followed(tmp_path: Path) -> None:
    page = recorded("gleif/interface.json")
    page["meta"]["pagination"]["lastPage"] = 2
    with SourceServer(lambda _: Reply(body=page)).running() as server:
        store = PageStore(tmp_path / "raw")
        ask = Ask("gleif", "光电", "entity.legalAddress.country=CN")
        run(server, store, ask)
    assert server.asked[1].params == {
        "filter[fulltext]": "光电", "filter[entity.legalAddress.country]": "CN",
        "page[size]": "200", "page[number]": "2",
    }  # fmt: skip
    assert records_of(sources()["gleif"], ask, store).organisations.height == 2


def test_orcid_ids_are_read_one_by_one(tmp_path: Path) -> None:
    record = recorded("orcid/record.json")
    with SourceServer(lambda _: Reply(body=record)).running() as server:
        store = PageStore(tmp_path / "raw")
        ask = Ask("orcid", "0000-0000-0000-1012, 0000-0000-0000-1020")
        run(server, store, ask)
    assert [asked.path for asked in server.asked] == [
        "/v3.0/0000-0000-0000-1012/record", "/v3.0/0000-0000-0000-1020/record",
    ]  # fmt: skip
    assert records_of(sources()["orcid"], ask, store).people.height == 1


def test_orcid_words_are_searched_page_by_page(tmp_path: Path) -> None:
    page = {**recorded("orcid/search.json"), "num-found": 201}
    with SourceServer(lambda _: Reply(body=page)).running() as server:
        store, ask = PageStore(tmp_path / "raw"), Ask("orcid", "family-name:李")
        run(server, store, ask)
    assert [asked.params["start"] for asked in server.asked] == ["0", "200"]
    assert records_of(sources()["orcid"], ask, store).people.height == 1


def test_paces_are_those_of_the_documents() -> None:
    def pace(site: Site) -> tuple[float, float]:
        return site.pace.requests / site.pace.seconds, (
            site.pace_with_key.requests / site.pace_with_key.seconds
        )

    assert pace(INTERFACES["ror"].site) == (50 / 300, 2_000 / 300)
    assert pace(INTERFACES["gleif"].site) == (1.0, 1.0)
    assert pace(INTERFACES["openalex"].site)[1] == 100


def test_orcid_id_asked_for_twice_is_read_once(tmp_path: Path) -> None:
    record = recorded("orcid/record.json")
    with SourceServer(lambda _: Reply(body=record)).running() as server:
        ask = Ask("orcid", "0000-0000-0000-1012 0000-0000-0000-1012")
        run(server, PageStore(tmp_path / "raw"), ask)
    assert len(server.asked) == 1


def test_source_that_goes_in_circles_is_left(tmp_path: Path) -> None:
    page = {**openalex_page(1, 3), "meta": {"next_cursor": "*"}}
    with SourceServer(lambda _: Reply(body=page)).running() as server:
        found = run(server, PageStore(tmp_path / "raw"))
    assert found.is_complete
    assert len(server.asked) == 1
