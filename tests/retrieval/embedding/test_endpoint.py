"""The adapter of an embedding service, against a real local server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest

from jicheng.errors import MissingData
from jicheng.retrieval import Corpus, RetrievalSettings, TextIndex
from jicheng.retrieval.embedding import EndpointEmbedder, installed_embedders
from jicheng.retrieval.embedding.endpoint import EngineFailed
from jicheng.retrieval.settings import Endpoint
from retrieval_builders import PlantedEmbedder, planted_texts


@dataclass
class Service:
    """A server that embeds as the planted engine does, or fails as it is told."""

    url: str = ""
    trouble: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    engine = PlantedEmbedder()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.asked.append({"path": self.path, **body})
            made.keys.append(self.headers["Authorization"])
            if made.trouble == "slow":
                made.release.wait(10)
                return
            if made.trouble in {"500", "302"}:
                self.send_response(int(made.trouble))
                self.send_header("Location", made.url + "/elsewhere")
                self.end_headers()
                return
            rows = engine.encode_documents(body["input"]).tolist()
            told = [{"index": i, "embedding": row} for i, row in enumerate(rows)][::-1]
            answer = {
                "few": json.dumps({"data": told[1:]}),
                "ragged": json.dumps({"data": [{"embedding": [1.0]}, {"embedding": [1.0, 2.0]}]}),
                "nan": json.dumps({"data": told}).replace("[0.", "[NaN, 0.", 1),
                "html": "<html>",
                "list": "[]",
                "deep": "[" * 100_000,
                "huge": " " * (2 << 20),
            }.get(made.trouble, json.dumps({"data": told})).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.release.set()
    server.shutdown()
    server.server_close()


def embedder(service: Service, **changes: Any) -> EndpointEmbedder:
    return EndpointEmbedder(replace(Endpoint(service.url, "bge-m3"), **changes))


def test_vectors_come_in_the_order_of_the_texts_in_batches(service: Service) -> None:
    engine = embedder(service, batch=2, document_prefix="passage: ", query_prefix="query: ")
    made = engine.encode_documents(["轴承", "电池", "雷达"])
    plain = PlantedEmbedder().encode_documents(["passage: 轴承", "passage: 电池", "passage: 雷达"])
    assert made == pytest.approx(plain, abs=1e-6)
    assert [len(one["input"]) for one in service.asked] == [2, 1]
    assert service.asked[0]["model"] == "bge-m3"
    assert service.asked[0]["path"] == "/v1/embeddings"
    engine.encode_queries(["轴承"])
    assert service.asked[-1]["input"] == ["query: 轴承"]
    assert engine.dimension == 16
    assert engine.encode_documents([]).shape == (0, 16)


def test_the_key_comes_from_the_environment_and_only_if_asked(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_KEY", "secret")
    embedder(service).encode_queries(["x"])
    embedder(service, key_variable="SITE_KEY").encode_queries(["x"])
    assert service.keys == [None, "Bearer secret"]
    monkeypatch.delenv("SITE_KEY")
    with pytest.raises(MissingData) as error:
        embedder(service, key_variable="SITE_KEY").encode_queries(["x"])
    assert error.value.code == "E008"


@pytest.mark.parametrize(
    "trouble",
    ["500", "302", "few", "ragged", "nan", "html", "list", "deep", "huge", "slow"],
)
def test_whatever_goes_wrong_is_one_error_that_names_the_service(
    service: Service, trouble: str
) -> None:
    service.trouble = trouble
    with pytest.raises(EngineFailed) as error:
        embedder(service, timeout_s=0.2).encode_documents(["轴承", "电池"])
    assert error.value.code == "E009"
    assert service.url in error.value.faults[0].message.zh
    assert len(service.asked) == 1  # a redirect is not followed


def test_an_answer_of_another_dimension_is_refused(service: Service) -> None:
    engine = embedder(service)
    engine._dimension = 8
    with pytest.raises(EngineFailed):
        engine.encode_queries(["轴承"])


def test_a_service_that_is_not_there_is_an_error() -> None:
    engine = EndpointEmbedder(Endpoint("http://127.0.0.1:1/v1", "m", timeout_s=0.5))
    with pytest.raises(EngineFailed):
        _ = engine.dimension


def test_the_name_tells_model_and_prefix_and_suits_a_folder() -> None:
    made = EndpointEmbedder(Endpoint("http://x", "BAAI/bge-m3:../..", document_prefix="p: "))
    assert made.name == "endpoint-BAAI-bge-m3-..-..-p"
    assert "/" not in made.name


def test_an_index_can_rank_by_a_service(service: Service) -> None:
    settings = RetrievalSettings(
        engines=("endpoint",), endpoint=Endpoint(service.url, "bge-m3"), weights={"endpoint": 1.0}
    )
    (engine,) = installed_embedders(settings)
    index = TextIndex.build(Corpus.of(planted_texts()), settings, embedders=[engine])
    hits = index.search("radar", most=10)
    best = index.corpus.texts[hits.place[hits.order()[0]]]
    assert "雷达" in best or "radar" in best
    assert index.engines == ("bm25", "endpoint-bge-m3")
    assert np.isfinite(hits.total()).all()
