from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.retrieval import Corpus, Hits, RetrievalSettings, TextIndex
from retrieval_builders import PlantedEmbedder, planted_texts

SETTINGS = RetrievalSettings(engines=("planted",), weights={"planted": 1.0, "words": 0.2})
WORDS_ONLY = RetrievalSettings(engines=())


def build(texts: dict[str, str] | None = None, folder: Path | None = None) -> TextIndex:
    corpus = Corpus.of(texts or planted_texts())
    return TextIndex.build(corpus, SETTINGS, folder, embedders=[PlantedEmbedder()])


def told(hits: Hits) -> dict[str, list[float]]:
    return {name: part.tolist() for name, part in hits.parts.items()} | {
        "place": hits.place.tolist()
    }


def test_search_joins_the_best_of_every_part_with_z_of_all() -> None:
    index = build()
    hits = index.search("轴承第1号", most=3)
    assert index.channels == ("words", "vectors")
    assert index.engines == ("bm25", "planted@1")
    assert index.parts == tuple(hits.parts) == ("words", "grams", "planted")
    assert 3 <= len(hits) <= 9
    assert hits.place.tolist() == sorted(set(hits.place.tolist()))
    z = hits.parts
    assert hits.total() == pytest.approx(z["planted"] + 0.2 * z["words"].astype(float))
    assert hits.total({"grams": 2.0}) == pytest.approx(2.0 * z["grams"].astype(float))
    assert np.all(np.diff(hits.total()[hits.order()]) <= 0)


def test_z_of_vectors_are_those_of_all_texts_of_the_language() -> None:
    index = build()
    z = index.matrix(["轴承"])["planted"][0]
    for language in ("zh", "en"):
        rows = index.corpus.languages == language
        assert z[rows].mean() == pytest.approx(0.0, abs=1e-3)
        assert z[rows].std() == pytest.approx(1.0, abs=1e-3)
    lexical = index.matrix(["轴承"])["words"][0]
    rows = index.corpus.languages == "zh"
    assert lexical[rows].std() == pytest.approx(1.0, abs=1e-3)


INDEX = build()


@given(st.integers(0, 2**120 - 1), st.sampled_from(["轴承", "radar number 3", "第7号"]))
def test_among_never_returns_what_is_filtered_out_and_changes_no_z(bits: int, query: str) -> None:
    among = np.array([bool(bits >> i & 1) for i in range(120)])
    hits = INDEX.search(query, most=5, among=among)
    assert among[hits.place].all()
    everything = INDEX.search(query, most=120)
    for name, part in hits.parts.items():
        at = np.searchsorted(everything.place, hits.place)
        assert part == pytest.approx(everything.parts[name][at], abs=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_best_among_few_and_among_many_are_the_exact_ones(share: float) -> None:
    among = np.zeros(120, dtype=bool)
    among[: int(share * 120)] = True
    asked = INDEX._asked("轴承")["planted"]
    z = np.where(among, asked.z(), -np.inf)
    expected = [row for row in np.lexsort((np.arange(120), -z)) if among[row]][:7]
    assert asked.best(7, among).tolist() == expected


def test_an_index_is_the_same_when_opened_again(tmp_path: Path) -> None:
    made = build(folder=tmp_path / "texts")
    opened = TextIndex.open(tmp_path / "texts", SETTINGS, embedders=[PlantedEmbedder()])
    for query in ("轴承第1号", "welding", "第", ""):
        assert told(opened.search(query)) == told(made.search(query))
    assert opened.engines == made.engines
    assert opened.corpus.table.equals(made.corpus.table)


def test_an_unchanged_index_is_opened_and_a_changed_one_encodes_what_is_new(
    tmp_path: Path,
) -> None:
    build(folder=tmp_path / "texts")
    written = (tmp_path / "texts" / "manifest.json").stat().st_ino
    embedder = PlantedEmbedder()
    texts = planted_texts()
    TextIndex.build(Corpus.of(texts), SETTINGS, tmp_path / "texts", embedders=[embedder])
    assert embedder.encoded == []
    assert (tmp_path / "texts" / "manifest.json").stat().st_ino == written
    texts |= {"zh000": "雷达的新说明", "new": "焊接"}
    made = TextIndex.build(Corpus.of(texts), SETTINGS, tmp_path / "texts", embedders=[embedder])
    assert sorted(embedder.encoded) == ["焊接", "雷达的新说明"]
    assert len(made.corpus) == 121
    assert told(made.search("焊接")) == told(build(texts).search("焊接"))


def test_another_version_of_an_engine_builds_anew(tmp_path: Path) -> None:
    build(folder=tmp_path / "texts")
    newer = PlantedEmbedder(version="2")
    opened = TextIndex.open(tmp_path / "texts", SETTINGS, embedders=[newer])
    assert opened.channels == ("words",)
    assert [fault.code for fault in opened.faults] == ["E010"]
    corpus = Corpus.of(planted_texts())
    made = TextIndex.build(corpus, SETTINGS, tmp_path / "texts", embedders=[newer])
    assert made.engines == ("bm25", "planted@2")
    assert len(newer.encoded) == 120


def test_settings_that_change_the_index_build_anew(tmp_path: Path) -> None:
    corpus = Corpus.of(planted_texts())
    TextIndex.build(corpus, WORDS_ONLY, tmp_path / "x")
    other = RetrievalSettings(engines=(), k1=0.5)
    TextIndex.build(corpus, other, tmp_path / "x")
    manifest = json.loads((tmp_path / "x" / "manifest.json").read_text("utf-8"))
    assert manifest["settings"]["k1"] == 0.5


def test_manifest_names_engines_counts_and_content(tmp_path: Path) -> None:
    made = build(folder=tmp_path / "x")
    manifest = json.loads((tmp_path / "x" / "manifest.json").read_text("utf-8"))
    assert manifest["content"] == made.corpus.hash
    assert manifest["vectors"] == [
        {
            "part": "planted",
            "name": "planted@1",
            "dimension": 16,
            "counts": {"zh": 60, "en": 60},
            "centred": ["en", "zh"],
            "search": "exact",
        }
    ]


@pytest.mark.parametrize(
    "damage",
    ["manifest.json", "corpus.parquet", "planted/vectors.npy", "words/keys.npy", None],
)
def test_a_folder_that_is_no_index_is_refused_and_rebuilt(
    tmp_path: Path, damage: str | None
) -> None:
    folder = tmp_path / "x"
    if damage is not None:
        build(folder=folder)
        (folder / damage).write_bytes(b"{")
    with pytest.raises(InvalidInput) as error:
        TextIndex.open(folder, SETTINGS, embedders=[PlantedEmbedder()])
    assert error.value.code == "E004"
    assert len(build(folder=folder).search("轴承")) > 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_words_alone_say_so_unless_nothing_else_was_wanted() -> None:
    corpus = Corpus.of(planted_texts(3))
    index = TextIndex.build(corpus, embedders=[])
    (fault,) = index.faults
    assert (fault.code, fault.is_warning) == ("E005", True)
    assert index.channels == ("words",)
    assert index.engines == ("bm25",)
    assert TextIndex.build(corpus, WORDS_ONLY).faults == ()


def test_languages_with_few_texts_are_named() -> None:
    texts = {f"z{i}": f"轴承{i}" for i in range(60)} | {"e": "bearing"}
    (fault,) = build(texts).faults
    assert fault.code == "E011"
    assert "1" in fault.message.en


def test_e5_is_left_out_of_a_large_corpus_and_that_is_said() -> None:
    class LikeE5(PlantedEmbedder):
        part = "e5"

    settings = RetrievalSettings(engines=("e5",), most_e5=100)
    index = TextIndex.build(Corpus.of(planted_texts()), settings, embedders=[LikeE5()])
    assert index.channels == ("words",)
    assert [fault.code for fault in index.faults] == ["E010"]


def test_above_the_limit_vectors_are_searched_in_cells(tmp_path: Path) -> None:
    settings = RetrievalSettings(engines=("planted",), most_exact=100, weights={"planted": 1.0})
    corpus = Corpus.of(planted_texts(300))
    folder = tmp_path / "x"
    made = TextIndex.build(corpus, settings, folder, embedders=[PlantedEmbedder()])
    exact = TextIndex.build(corpus, SETTINGS, embedders=[PlantedEmbedder()])
    opened = TextIndex.open(folder, settings, embedders=[PlantedEmbedder()])
    for index in (made, opened):
        asked = index._asked("bearing")["planted"]
        found = asked.best(10)
        wanted = exact._asked("bearing")["planted"].best(10)
        assert len(np.intersect1d(found, wanted)) >= 8
        assert asked.z(found) == pytest.approx(exact._asked("bearing")["planted"].z(found))


def test_an_empty_corpus_finds_nothing(tmp_path: Path) -> None:
    made = TextIndex.build(Corpus.of({}), SETTINGS, tmp_path / "x", embedders=[PlantedEmbedder()])
    opened = TextIndex.open(tmp_path / "x", SETTINGS, embedders=[PlantedEmbedder()])
    for index in (made, opened):
        assert len(index.search("轴承")) == 0
        assert index.matrix(["轴承"])["planted"].shape == (1, 0)


def test_settings_out_of_range_are_all_refused() -> None:
    settings = RetrievalSettings(b=2.0, least_centred=1, weights={"use": -1.0})
    with pytest.raises(InvalidInput) as error:
        TextIndex.build(Corpus.of({}), settings)
    assert [fault.code for fault in error.value.faults] == ["E003"] * 3


def test_hostile_queries_are_only_text() -> None:
    for query in ("\0", "\ud800", "a" * 100_000, "(" * 500 + "AND OR *:*", "' OR 1=1 --"):
        INDEX.search(query)


def test_a_query_drawn_to_its_best_texts_keeps_true_z() -> None:
    asked = INDEX._asked("轴承")["planted"]
    seeds = asked.best(3)
    moved = asked.drawn_to(seeds, 1.0)
    vectors = INDEX.vectors[0].vectors
    assert (vectors[seeds] @ moved.query).mean() > (vectors[seeds] @ asked.query).mean()
    assert asked.drawn_to(seeds, 0.0).query == pytest.approx(asked.query, abs=1e-6)
    for language in ("zh", "en"):
        z = moved.z()[INDEX.corpus.languages == language]
        assert z.mean() == pytest.approx(0.0, abs=1e-3)
        assert z.std() == pytest.approx(1.0, abs=1e-3)


def test_a_query_is_drawn_only_if_the_settings_say_so_and_texts_are_many() -> None:
    corpus = Corpus.of(planted_texts())
    still = RetrievalSettings(engines=("planted",), feedback=0)
    engine = [PlantedEmbedder()]
    assert told(TextIndex.build(corpus, still, embedders=engine).search("轴承")) != told(
        INDEX.search("轴承")
    )
    few = Corpus.of(planted_texts(20))
    drawn = RetrievalSettings(engines=("planted",))
    first, second = (TextIndex.build(few, one, embedders=engine) for one in (still, drawn))
    assert told(first.search("轴承")) == told(second.search("轴承"))
