"""Candidates as a list that is handed on: why each stands there, what to check, on what terms.

Whoever gets the file did not run the command. So every row says in words what it rests on and
what nobody could tell, and the notes hold weights, limits, engines, counts and the state of
the zone. Without any date of today: the same zone gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jicheng.cli_match_grounds import CandidateGrounds, both
from jicheng.cli_match_print import heading
from jicheng.cli_output import SAMPLE
from jicheng.errors import Text

if TYPE_CHECKING:
    import polars as pl

    from jicheng.integrate.match.batch import BatchResult
    from jicheng.integrate.match.criteria import Criterion
    from jicheng.integrate.match.result import MatchResult
    from jicheng.integrate.match.score import Scores
    from jicheng.zone import Zone

__all__ = ["candidate_sheets", "notes_on"]

_NOT_FOUND = Text(
    "没有被任何渠道找到：没有相近的文本、相关的能力，也不与强候选者合作",
    "found by no channel: no text like the need, no related capability, no tie with a strong one",
)
_FOUND = Text("在文本、能力持有表或合作表中补充", "add texts, holdings or ties of it")
_READING = (
    "名单供人核实，不是决定。 / A list for people to check, not a decision.",
    "得分 0–100，是各准则分数之和，只能在同一需求内比较；“得分低”“得分高”是缺失数据所留的区间。 / "
    "Scores from 0 to 100 are sums of the points of criteria and compare within one need only; "
    "“low” and “high” are what missing data leaves possible.",
    "准则的分数为空 = 无数据，不是零；排序时按有数据者的平均值计。水平待定时按区间中点计。 / "
    "Empty points = no data, not zero; for the order it counts like the average of all with data. "
    "A level in an interval counts with its middle.",
    "同一候选者可因几个原因被排除。 / Somebody may be left out for several reasons.",
    "【】中是与需求相同的词。 / Words in 【】 are those of the need.",
)


def candidate_sheets(
    batch: BatchResult, rules: Mapping[str, str] | None
) -> dict[str, pl.DataFrame]:
    """Return the sheets by name: candidates, who was left out, and, with a cap, who was moved.

    Parameters
    ----------
    batch : BatchResult
        What was found.
    rules : mapping of str to str or None
        What the rules of a policy say of each candidate; None = no policy was asked for.
    """
    import polars as pl

    columns = _columns(batch, rules)
    shown = _shown(batch)
    rows = [cells for one in batch.results for cells in _rows(one, shown, rules)]
    sheets = {
        "候选者 Candidates": pl.DataFrame(rows, schema=columns, orient="row"),
        "排除 Left out": _left_out(batch),
    }
    if batch.cap:
        sheets["移出 Moved"] = _moved(batch)
    return sheets


def notes_on(batch: BatchResult, engines: str) -> list[str]:
    """Return the lines of the sheet of notes.

    Parameters
    ----------
    batch : BatchResult
        What was found.
    engines : str
        Which engines ranked the texts, in words.
    """
    zone = batch.results[0].matcher.zone
    lines = [SAMPLE] if zone.is_sample else []
    lines += [*_READING, *_state_of(zone), engines]
    lines += [f"准则 / criterion {one.name}: {one.label.zh}：{one.description.zh} / "
              f"{one.label.en}: {one.description.en}" for one in _shown(batch)]  # fmt: skip
    if batch.cap:
        lines.append(f"每个候选者最多推荐给 {batch.cap} 个项目 / "
                     f"nobody is proposed for more than {batch.cap}")  # fmt: skip
    for one in batch.results:
        lines += ["", *_terms(one)]
    return lines


def _state_of(zone: Zone) -> list[str]:
    """Tell which state of which zone was searched, and by which version."""
    from jicheng import __version__

    row = zone["zones"].row(0, named=True) if zone["zones"].height else {}
    day = row.get("as_of") or row.get("period") or "不详 / unknown"
    return [
        f"高新区 / zone: {row.get('name') or '–'}；数据日期 / data as of: {day}",
        f"数据内容哈希 / content hash of the zone: {zone.content_hash}",
        f"版本 / version: jicheng {__version__}",
    ]


def _terms(one: MatchResult) -> Iterator[str]:
    """Yield what was looked for, limits and weights, counts, and what a reader must know."""
    found, limits = one.found, one.query.constraints
    yield from heading(one)
    if limits.excluded:
        yield f"  人工排除 / excluded by a person: {', '.join(limits.excluded)}"
    yield f"  查看 / looked at {int(found.wanted.sum()):,}: {both(found.direction.label)}"
    yield f"  不在名单 / not listed {_unfound(one):,}: {both(_NOT_FOUND)}"
    yield f"  列出 / listed: {len(one.chosen):,}"
    for told in one.warnings:
        yield f"  ! {told.in_language('zh')} / {told.in_language('en')}"


def _unfound(one: MatchResult) -> int:
    """Return how many pass every limit and are found by no channel."""
    return int((one.found.wanted & one.found.filtered.passes).sum()) - one.n_candidates


def _shown(batch: BatchResult) -> list[Criterion]:
    """Return the criteria that count in any of the lists."""
    from jicheng.integrate.match.criteria import criteria

    return [known for known in criteria()
            if any(known.name in one.found.scores.parts for one in batch.results)]  # fmt: skip


def _columns(batch: BatchResult, rules: Mapping[str, str] | None) -> dict[str, Any]:
    """Return the type of each column by its heading."""
    import polars as pl

    columns: dict[str, Any] = {
        "需求 Need": pl.String, "需求编号 Need id": pl.String, "名次 Rank": pl.Int64,
        "候选者 Candidate": pl.String, "候选者编号 Candidate id": pl.String,
        "类别 Kind": pl.String, "所在 Where": pl.String, "得分 Score": pl.Float64,
        "得分低 Score, low": pl.Float64, "得分高 Score, high": pl.Float64,
    }  # fmt: skip
    if rules is not None:
        columns["规则结论 Rules"] = pl.String
    columns |= {"依据 Because": pl.String, "待核实 To check": pl.String}
    for known in _shown(batch):
        columns[f"{known.label.zh}（分） {known.label.en} (points)"] = pl.Float64
    return columns


def _rows(
    one: MatchResult, shown: Sequence[Criterion], rules: Mapping[str, str] | None
) -> Iterator[list[Any]]:
    """Yield the cells of each candidate, in the order of the columns."""
    scores, parties = one.found.scores, one.matcher.parties
    for row in one.table.iter_rows(named=True):
        place = parties.index[row["candidate"]]
        cells = [one.query.title.zh, one.query.id, row["rank"], parties.named(place).zh]
        cells += [row["candidate"], _kind(one, place), _where(one, place)]
        cells += [row["score"], row["score_low"], row["score_high"]]
        if rules is not None:
            cells.append(_choice("policy_answer", rules.get(row["candidate"])))
        grounds = CandidateGrounds.of(one, place)
        cells += [grounds.because(), grounds.to_check()]
        cells += [_points(scores, known.name, place) for known in shown]
        yield cells


def _points(scores: Scores, criterion: str, place: int) -> float | None:
    """Return what a criterion adds to a score; None without data."""
    part = scores.parts.get(criterion)
    if part is None or not part.known[place]:
        return None
    return round(100.0 * scores.weights[criterion] * float(scores.counted[criterion][place]), 3)


def _choice(kind: str, value: str | None) -> str | None:
    """Return the label of a value in both languages."""
    from jicheng.schema import choices

    labels = {allowed.value: allowed.label for allowed in choices()[kind]}
    label = labels.get(value or "")
    return value if label is None else f"{label.zh} {label.en}"


def _kind(one: MatchResult, place: int) -> str:
    """Return the kind of an organisation, else what kind of candidate it is."""
    from jicheng.integrate.match.parties import Direction

    parties = one.matcher.parties
    label = Direction(parties.table["list"][place]).label
    told = f"{label.zh} {label.en}"
    if place >= parties.roster.n:
        return told
    return _choice("organisation_kind", parties.roster.table["kind"][place]) or told


def _where(one: MatchResult, place: int) -> str | None:
    """Return for whom somebody works, the region, and whether it is in the zone or abroad."""
    from jicheng.schema import countries

    parties = one.matcher.parties
    home = int(parties.home[place])
    if home < 0:
        return None
    row = parties.roster.table.row(home, named=True)
    country = countries().get(row["country"] or "")
    told = [parties.named(home).zh if home != place else None, row["region"]]
    if parties.roster.in_zone[home]:
        told.append("区内 in the zone")
    elif country is not None:
        told.append(f"{country.name.zh} {country.name.en}")
    return "；".join(part for part in told if part) or None


def _left_out(batch: BatchResult) -> pl.DataFrame:
    """Return how many each reason leaves out of each list, and how to have them in."""
    import polars as pl

    rows = []
    for one in batch.results:
        named = [one.query.title.zh, one.query.id]
        for reason, number in one.excluded.items():
            why, remedy = one.found.filtered.told(reason)
            rows.append([*named, both(why), both(remedy), number])
        if missed := _unfound(one):
            rows.append([*named, both(_NOT_FOUND), both(_FOUND), missed])
    names = ("需求 Need", "需求编号 Need id", "原因 Reason", "如何纳入 Remedy")
    columns = dict.fromkeys(names, pl.String) | {"个数 Count": pl.Int64}
    return pl.DataFrame(rows, schema=columns, orient="row")


def _moved(batch: BatchResult) -> pl.DataFrame:
    """Return who stood among the best and was moved out by the cap."""
    import polars as pl

    parties = batch.results[0].matcher.parties
    titles = {one.query.id: one.query.title.zh for one in batch.results}
    rows = [
        [titles[row["query"]], row["query"], row["rank"],
         parties.named(parties.index[row["candidate"]]).zh, row["candidate"], row["score"]]
        for row in batch.capped.iter_rows(named=True)
    ]  # fmt: skip
    columns: dict[str, Any] = {
        "需求 Need": pl.String, "需求编号 Need id": pl.String, "名次 Rank": pl.Int64,
        "候选者 Candidate": pl.String, "候选者编号 Candidate id": pl.String,
        "得分 Score": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")
