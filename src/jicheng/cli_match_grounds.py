"""What a candidate of a list rests on and what must be checked of it, in words for a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jicheng.errors import Text

if TYPE_CHECKING:
    from jicheng.integrate.match.quotes import Quote
    from jicheng.integrate.match.result import MatchResult

__all__ = ["CandidateGrounds", "both"]

_SENTENCES = 3  # texts that are quoted
_TIES = 2  # ties that are named


def both(text: Text) -> str:
    """Return a sentence in both languages."""
    return text.zh if text.zh == text.en else f"{text.zh} / {text.en}"


@dataclass(frozen=True, eq=False)
class CandidateGrounds:
    """What is on record of a candidate for a need.

    Attributes
    ----------
    result : MatchResult
        The list in which it stands.
    place : int
        Its place among all parties.
    needs : list of dict
        Needed capabilities with what it holds of each.
    quotes : tuple of Quote
        Its texts most like the need, best first.
    """

    result: MatchResult
    place: int
    needs: list[dict[str, Any]]
    quotes: tuple[Quote, ...]

    @classmethod
    def of(cls, result: MatchResult, place: int) -> CandidateGrounds:
        """Gather what is on record."""
        from jicheng.integrate.match.grounds import shared_capabilities

        needs = shared_capabilities(result.matcher, result.found, place).to_dicts()
        candidate = result.matcher.parties.ids[place]
        return cls(result, place, needs, result.quotes(candidate, most=_SENTENCES))

    def because(self) -> str | None:
        """Return what it rests on: capabilities reached, sentences, then kin and ties.

        Each stands on a line of its own, with the id and the year of the text that says it.
        """
        lines = self._told("yes", "已达到 / reaches")
        lines += [_sentence(quote) for quote in self.quotes]
        lines += [f"邻近能力 / related: {both(text)}" for text in self._kin()]
        lines += [f"合作 / tie: {both(text)}" for text in self._ties()]
        may = self._told("open", "可能达到 / may reach")
        return "\n".join(lines or may or self._told("no", "水平不足 / below the need")) or None

    def to_check(self) -> str | None:
        """Return what nobody could tell of it, and what it is not known to reach."""
        filtered = self.result.found.filtered
        reasons = [filtered.told(reason)[0] for reason in filtered.to_check(self.place)]
        lines = [f"数据未说明是否“{why.zh}” / the data does not tell whether: {why.en}"
                 for why in reasons]  # fmt: skip
        lines += self._told("open", "水平待定 / level open")
        if self._is_known("coverage"):  # else all of them are told as one: no data
            lines += self._told("no", "记录中未达到 / not reached on record")
        lines += [f"无数据 / no data: {both(text)}" for text in self._missing()]
        undated = [quote.text for quote in self.quotes if quote.period is None]
        if undated:
            lines.append(f"文本年份不详 / year of the text unknown: {', '.join(undated)}")
        if self.result.query.is_proposed:
            lines.append("所需能力是系统推荐的，未经确认 / needed capabilities are proposed, "
                         "not confirmed by anybody")  # fmt: skip
        return "\n".join(lines) or None

    def _told(self, verdict: str, said: str) -> list[str]:
        return [f"{said}: {_capability(row)}" for row in self.needs if row["verdict"] == verdict]

    def _is_known(self, criterion: str) -> bool:
        part = self.result.found.scores.parts.get(criterion)
        return part is not None and bool(part.known[self.place])

    def _counts(self, criterion: str) -> bool:
        """Tell whether a criterion adds something that is on record to the score."""
        parts = self.result.found.scores.parts
        return self._is_known(criterion) and float(parts[criterion].high[self.place]) > 0.0

    def _kin(self) -> tuple[Text, ...]:
        from jicheng.integrate.match.grounds import kin_grounds

        if not self._counts("related"):
            return ()
        return kin_grounds(self.result.matcher, self.result.found, self.place)

    def _ties(self) -> tuple[Text, ...]:
        from jicheng.integrate.match.grounds import tie_grounds

        if not self._counts("ties"):
            return ()
        return tie_grounds(self.result.matcher, self.result.found, self.place)[:_TIES]

    def _missing(self) -> list[Text]:
        """Return the criteria of which there is no data about it."""
        from jicheng.integrate.match.criteria import criteria

        return [
            Text(f"{one.label.zh}（{one.missing.zh}）", f"{one.label.en} ({one.missing.en})")
            for one in criteria()
            if one.name in self.result.found.scores.parts and not self._is_known(one.name)
        ]


def _capability(row: dict[str, Any]) -> str:
    """Return a needed capability with the level that is needed and the one on record."""
    name = both(Text(row["name"] or row["capability"],
                     row["name_en"] or row["name"] or row["capability"]))  # fmt: skip
    needed = f"{row['needed']:.2f}" if row["needed"] > 0.0 else "不限 any"
    held = "没有记录 not on record"
    if row["low"] is not None:
        ends = (f"{row['low']:.2f}", f"{row['high']:.2f}")
        held = f"水平 level {ends[0] if ends[0] == ends[1] else '–'.join(ends)}"
    return f"{name}（需要 needed {needed}，{held}，权重 weight {row['weight']:.0%}）"


def _sentence(quote: Quote) -> str:
    year = "年份不详 year unknown" if quote.period is None else str(quote.period)
    number = f" {quote.number}" if quote.number else ""
    title = " ".join(quote.title.split())
    return (f"{quote.kind.zh} {quote.kind.en} {year}{number}《{title}》（{quote.text}）："
            f"“{quote.marked}”")  # fmt: skip
