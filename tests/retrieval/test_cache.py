"""Vectors kept on disk: nothing twice, and nothing lost or wrong when a process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from jicheng.retrieval.cache import VectorCache
from retrieval_builders import PlantedEmbedder

TEXTS = [f"轴承第{i}号" for i in range(40)]


def segments(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.segment"))


def test_what_is_kept_is_not_encoded_again(tmp_path: Path) -> None:
    first, second = PlantedEmbedder(), PlantedEmbedder()
    made = VectorCache(tmp_path, batch=7).documents(first, TEXTS)
    again = VectorCache(tmp_path).documents(second, [*TEXTS[::-1], "电池"])
    assert first.encoded == TEXTS
    assert second.encoded == ["电池"]
    assert np.array_equal(again[:40], made[::-1])
    assert made == pytest.approx(PlantedEmbedder().encode_documents(TEXTS), abs=1e-3)


@pytest.mark.parametrize("is_kept", [True, False])
def test_equal_texts_are_encoded_once(tmp_path: Path, *, is_kept: bool) -> None:
    embedder = PlantedEmbedder()
    cache = VectorCache(tmp_path if is_kept else None)
    made = cache.documents(embedder, ["轴承", " 轴承 ", "ＡＢ", "AB", "轴承"])
    assert embedder.encoded == ["轴承", "AB"]
    assert np.array_equal(made[0], made[4])
    cache.documents(embedder, ["AB"])
    assert embedder.encoded == ["轴承", "AB"]


def test_engines_of_other_versions_have_vectors_of_their_own(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.documents(PlantedEmbedder(version="1"), TEXTS[:2])
    other = PlantedEmbedder(version="2")
    cache.documents(other, TEXTS[:2])
    assert other.encoded == TEXTS[:2]


def test_progress_tells_every_flush(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    cache = VectorCache(tmp_path, batch=16)
    cache.documents(PlantedEmbedder(), TEXTS, lambda done, n: told.append((done, n)))
    assert told == [(0, 40), (16, 40), (32, 40), (40, 40)]


@pytest.mark.parametrize("place", [0, 4, 8, 60, -40, -1])
def test_a_damaged_segment_is_put_away_and_its_texts_encoded_anew(
    tmp_path: Path, place: int, caplog: pytest.LogCaptureFixture
) -> None:
    made = VectorCache(tmp_path, batch=20).documents(PlantedEmbedder(), TEXTS)
    damaged, whole = segments(tmp_path)
    body = bytearray(damaged.read_bytes())
    body[place] ^= 0xFF
    damaged.write_bytes(body)
    embedder = PlantedEmbedder()
    again = VectorCache(tmp_path).documents(embedder, TEXTS)
    assert len(embedder.encoded) == 20
    assert np.array_equal(again, made)
    assert whole.exists()
    assert "damaged" in caplog.text
    assert len(list(tmp_path.rglob("*.damaged"))) == 1


@pytest.mark.parametrize("size", [0, 3, 200])
def test_a_segment_that_was_cut_short_is_damaged(tmp_path: Path, size: int) -> None:
    VectorCache(tmp_path).documents(PlantedEmbedder(), TEXTS)
    (path,) = segments(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    embedder = PlantedEmbedder()
    VectorCache(tmp_path).documents(embedder, TEXTS)
    assert embedder.encoded == TEXTS


def test_many_small_segments_become_one(tmp_path: Path) -> None:
    texts = [f"{i}" for i in range(70)]
    made = VectorCache(tmp_path, batch=1).documents(PlantedEmbedder(), texts)
    assert len(segments(tmp_path)) == 1
    embedder = PlantedEmbedder()
    assert np.array_equal(VectorCache(tmp_path).documents(embedder, texts), made)
    assert embedder.encoded == []


_SLOW = """
import sys, time
from pathlib import Path
from jicheng.retrieval.cache import VectorCache
from retrieval_builders import PlantedEmbedder

class Slow(PlantedEmbedder):
    def encode_documents(self, texts):
        time.sleep(0.05)
        return super().encode_documents(texts)

folder = Path(sys.argv[1])
texts = [f"轴承第{i}号" for i in range(400)]
VectorCache(folder / "vectors", batch=4).documents(Slow(log=folder / "log"), texts)
"""


def test_a_killed_process_goes_on_where_it_was(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", _SLOW, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(arguments, env=environment)
    for _ in range(1_000):
        if len(segments(tmp_path)) >= 3:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    n_kept = 4 * len(segments(tmp_path))
    assert 12 <= n_kept < 400
    texts = [f"轴承第{i}号" for i in range(400)]
    embedder = PlantedEmbedder(log=tmp_path / "log")
    made = VectorCache(tmp_path / "vectors").documents(embedder, texts)
    assert len(embedder.encoded) == 400 - n_kept
    times = Counter((tmp_path / "log").read_text("utf-8").splitlines())
    assert set(times) == set(texts)
    assert sum(count - 1 for count in times.values()) <= 4  # at most the batch in hand
    assert made == pytest.approx(PlantedEmbedder().encode_documents(texts), abs=1e-3)


def test_no_texts_have_no_vectors(tmp_path: Path) -> None:
    assert VectorCache(tmp_path).documents(PlantedEmbedder(), []).shape == (0, 16)
