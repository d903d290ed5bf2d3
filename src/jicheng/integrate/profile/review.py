"""Texts about which a person is asked, and what the person said of them.

Asked are texts whose prediction set (split conformal: it holds the true answer in at least
90 of 100 cases like those that the calibration was fitted on) has more than one answer, and
those whose best chance is near the threshold. What is confirmed becomes certain evidence,
what is refused none, and a text may be said to show none of the capabilities; with enough
answers the coefficients are fitted anew, drawn towards the shipped ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.errors import Fault, fault
from jicheng.integrate.profile.calibration import Calibration
from jicheng.integrate.profile.classify import Classifier, Labels
from jicheng.integrate.profile.conditional_logit import NONE, chances, fit
from jicheng.integrate.profile.confirmation import Place, check_who, read_confirmations
from jicheng.integrate.profile.evidence import answers_frame, held_answers
from jicheng.integrate.profile.features import document_of
from jicheng.integrate.profile.recalibration import distinct_words, read_anew
from jicheng.zone import Zone

__all__ = ["LEAST_ANSWERS", "read_labels", "refitted", "uncertain_texts"]

LEAST_ANSWERS = 40
"""Texts with a settled answer from which the coefficients are fitted anew (ours)."""
_SHIPPED_WORTH = 0.25  # of a coefficient: how far one answer's worth of doubt may move it
_MOST_REVIEWED = 500
_HELD = 1e9  # ridge that keeps a coefficient where it is


def uncertain_texts(
    zone: Zone, classifier: Classifier, labels: Labels, answers: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the texts to ask about, the least certain first, each with what it may show.

    Parameters
    ----------
    zone : Zone
    classifier, labels
        What classified the texts of the zone, and what it said.
    answers : DataFrame, optional
        What people said before: a text with a yes or a none is not asked about again.

    Returns
    -------
    DataFrame
        ``text``, ``title``, ``sentence``, ``capability``, ``capability_name``, ``score``; at
        most 500 texts.
    """
    settings = classifier.settings
    asked = labels.uncertain(settings)
    if answers is not None:
        held = held_answers(answers).filter(pl.col("answer") != "no")
        asked = asked.join(held, on="text", how="anti", maintain_order="left")
    asked = asked.head(_MOST_REVIEWED).with_row_index("_order")
    least = min(classifier.calibration.chance_for(settings.review_miss), settings.threshold)
    rows = (
        labels.table.join(asked, on="text")
        .filter((pl.col("score") >= least) | (pl.col("rank") == 1))
        .sort("_order", "rank")
    )
    names = classifier.nodes.table.select(pl.col("id").alias("capability"), capability_name="name")
    titles = zone["texts"].select(pl.col("id").alias("text"), "title")
    return (
        rows.with_columns(classifier.sentences(rows, zone["texts"]), pl.col("score").round(3))
        .join(names, on="capability", how="left", maintain_order="left")
        .join(titles, on="text", how="left", maintain_order="left")
        .select("text", "title", "sentence", "capability", "capability_name", "score")
    )


def read_labels(
    zone: Zone, table: pl.DataFrame, place: Place, *, who: str | None, on: dt.date
) -> pl.DataFrame:
    """Return what a person said of texts, as rows of the file of answers.

    Raises
    ------
    InvalidInput
        With every fault by cell; see
        :func:`jicheng.integrate.profile.confirmation.read_confirmations`.
    """
    name = check_who(who)
    key = (("text", "texts"), ("capability", "capabilities"))
    answered = read_confirmations(table, place, zone, key, none_of="text")
    none = answered.none.unique("text").with_columns(capability=pl.lit(None, pl.String))
    parts = [
        frame.select(
            "text", "capability", answer=pl.lit(word), who=pl.lit(name), date=pl.lit(str(on))
        )
        for frame, word in ((answered.yes, "yes"), (answered.no, "no"), (none, "none"))
    ]
    return pl.concat([answers_frame(), *parts]).sort("text", "capability", nulls_last=False)


@dataclass(frozen=True)
class Refitted:
    """A calibration fitted to a zone's own answers.

    Attributes
    ----------
    calibration : Calibration
    n_texts : int
        Texts with a settled answer.
    before, after : float
        Mean minus log likelihood of these answers; ``after`` is of the fit itself.
    warnings : tuple of Fault
        E049 if there are too few; the calibration is then the one there was.
    """

    calibration: Calibration
    n_texts: int
    before: float
    after: float
    warnings: tuple[Fault, ...] = ()


def refitted(zone: Zone, classifier: Classifier, answers: pl.DataFrame) -> Refitted:
    """Fit the coefficients to a zone's own answers, drawn towards what they were.

    Parameters
    ----------
    zone : Zone
    classifier : Classifier
    answers : DataFrame
        ``text``, ``capability``, ``answer``: a text with a yes shows that capability, one
        that somebody said to show none shows none. One whose answers are all no may show
        one that nobody asked about: it is left out.
    """
    place = {name: k for k, name in enumerate(classifier.nodes.ids)}
    settled = _settled(zone, answers, place)
    calibration = classifier.calibration
    if settled.height < LEAST_ANSWERS:
        told = fault("E049", is_warning=True, count=settled.height, least=LEAST_ANSWERS)
        return Refitted(calibration, settled.height, np.nan, np.nan, (told,))
    said = [document_of(*row) for row in settled.select("title", "body").iter_rows()]
    x = classifier.features.matrix(said, settled["codes"].to_list()).astype(np.float64)
    y = settled["answer"].to_numpy().astype(np.intp)
    names = classifier.features.names
    start = np.array([calibration.none, *(calibration.coefficients[name] for name in names)])
    ridge = 1.0 / np.maximum(_SHIPPED_WORTH * np.abs(start), 1e-6) ** 2
    if not (y == NONE).any():
        ridge[0] = _HELD  # no answer tells of texts that show none
    found = fit(x, y, start=start, ridge=ridge)
    found[1:] = np.maximum(found[1:], 0.0)  # more alike never tells against
    words = distinct_words(said)
    fresh = dict(zip(names, found[1:].tolist(), strict=True))
    made = calibration.refitted(float(found[0]), fresh, settled.height)
    before, after = (_mean_loss(x, y, one, names, words) for one in (calibration, made))
    return Refitted(made, settled.height, before, after)


def _settled(zone: Zone, answers: pl.DataFrame, place: dict[str, int]) -> pl.DataFrame:
    """Return the texts with a settled answer, and its node or NONE."""
    rows: dict[str, int] = {}
    held = held_answers(answers).select("text", "capability", "answer")
    for text, capability, answer in held.iter_rows():
        if answer == "none":
            rows.setdefault(text, NONE)
        elif answer == "yes" and capability in place:
            rows[text] = max(rows.get(text, NONE), place[capability])
    frame = pl.DataFrame(
        {"id": list(rows), "answer": list(rows.values())},
        schema={"id": pl.String, "answer": pl.Int64},
    )
    told = zone["texts"].select("id", "title", "body", "codes")
    return told.join(frame, on="id").sort("id")


def _mean_loss(
    x: np.ndarray, y: np.ndarray, known: Calibration, names: Sequence[str], words: np.ndarray
) -> float:
    utilities = x @ np.array([known.coefficients[name] for name in names])
    made = read_anew(chances(utilities, known.none), words, known.best, known.nothing)
    told = np.where(y == NONE, 1.0 - made.sum(axis=1), made[np.arange(len(y)), np.maximum(y, 0)])
    return float(-np.log(np.maximum(told, 1e-300)).mean())
