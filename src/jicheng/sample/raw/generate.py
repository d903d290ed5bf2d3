"""Make the five files, and the truth that is planted in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from jicheng.sample.raw.bodies import Body, bodies, rows_of
from jicheng.sample.raw.drafts import PlantedFault, SheetDraft, book_of
from jicheng.sample.raw.firm_sheets import firm_sheets
from jicheng.sample.raw.other_sheets import equipment_sheets, technology_sheets
from jicheng.sample.raw.text_sheets import paper_sheets, patent_sheets
from jicheng.sample.raw.writing import FIVE_WAYS

__all__ = ["RawSample", "RawTruth", "generate_raw"]

NAMESAKES = (
    ("广州澜图光电材料有限公司", "广州澜图信息技术有限公司"),
    ("广州澜图光电材料有限公司", "深圳澜图光电材料有限公司"),
)
"""Names that look alike and are two firms."""


@dataclass(frozen=True)
class RawTruth:
    """What is planted.

    Attributes
    ----------
    one_firm : tuple of str
        Names that are one firm.
    namesakes : tuple of pairs of str
        Names that are two firms.
    faults : tuple of PlantedFault
        What a reader must tell, cell by cell.
    holders : mapping of str to tuple of str
        Capability to the names of those of the zone that hold it firmly.
    needs : tuple of pairs of str
        Technology and capability that it needs, as an expert would answer the proposals.
    n_firms, n_institutes : int
        Bodies of the zone.
    """

    one_firm: tuple[str, ...]
    namesakes: tuple[tuple[str, str], ...]
    faults: tuple[PlantedFault, ...]
    holders: Mapping[str, tuple[str, ...]]
    needs: tuple[tuple[str, str], ...]
    n_firms: int
    n_institutes: int

    def as_tables(self) -> dict[str, pl.DataFrame]:
        """Return the truth as tables to keep beside the files."""
        answers = [(technology, capability, "是") for technology, capability in self.needs]
        return {
            "needs": pl.DataFrame(
                answers, schema=["技术编号", "能力编号", "确认"], orient="row"
            ),
            "one_firm": pl.DataFrame({"name": self.one_firm}),
            "namesakes": pl.DataFrame(self.namesakes, schema=["a", "b"], orient="row"),
            "faults": pl.DataFrame(
                [(f.file, f.sheet, f.row, f.column, f.code) for f in self.faults],
                schema=["file", "sheet", "row", "column", "code"],
                orient="row",
            ),
            "holders": pl.DataFrame(
                [(capability, name) for capability, names in self.holders.items()
                 for name in names],
                schema=["capability", "holder"],
                orient="row",
            ),
        }  # fmt: skip


@dataclass(frozen=True)
class RawSample:
    """The five files by name, and the truth."""

    drafts: Mapping[str, tuple[SheetDraft, ...]]
    there: tuple[Body, ...]

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Return the bytes of each file."""
        return {name: book_of(sheets) for name, sheets in self.drafts.items()}

    @cached_property
    def truth(self) -> RawTruth:
        """Return what is planted."""
        faults = [
            PlantedFault(file, sheet.name, row, column, code)
            for file, sheets in self.drafts.items()
            for sheet in sheets
            for row, column, code in sheet.planted
        ]
        holders: dict[str, list[str]] = {}
        for body in self.there:
            for capability in body.main if body.is_listed else ():
                holders.setdefault(f"cap:{capability}", []).append(body.name)
        return RawTruth(
            FIVE_WAYS,
            NAMESAKES,
            tuple(faults),
            {name: tuple(names) for name, names in sorted(holders.items())},
            tuple(
                (f"tech:{row['technology']}", f"cap:{row['capability']}")
                for row in rows_of("capability_texts")
            ),
            sum(body.kind == "firm" for body in self.there),
            sum(body.kind in ("university", "institute") for body in self.there),
        )


def generate_raw() -> RawSample:
    """Make the five raw files; every call gives the same bytes.

    Examples
    --------
    >>> sorted(generate_raw().files)[0]
    '专利清单.xlsx'
    """
    there = bodies()
    drafts = {
        "园区企业名录.xlsx": firm_sheets(there),
        "专利清单.xlsx": patent_sheets(there),
        "论文与项目.xlsx": paper_sheets(there),
        "仪器设备.xlsx": equipment_sheets(there),
        "关键技术清单.xlsx": technology_sheets(there),
    }
    return RawSample(drafts, there)
