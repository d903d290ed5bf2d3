"""Columns of the sheets that a profile asks people to answer."""

from __future__ import annotations

from jicheng.errors import Text
from jicheng.io.answer_sheet import Question

__all__ = ["NEEDS", "NEEDS_NOTES", "REVIEW", "REVIEW_NOTES"]

_YES_NO = (Text("是", "yes"), Text("否", "no"))
_NONE = Text("以上都不是", "none of these")

NEEDS = (
    Question("technology", Text("技术编号", "technology"), 22),
    Question("technology_name", Text("技术名称", "technology name"), 26),
    Question("capability", Text("能力编号", "capability"), 24),
    Question("capability_name", Text("能力名称", "capability name"), 26),
    Question("description", Text("能力说明", "what it is"), 48),
    Question("score", Text("把握", "score"), 10),
    Question("confirm", Text("确认", "confirm"), 12, answers=_YES_NO, is_answer=True),
    Question("level", Text("所需水平", "level"), 12, range=(0, 1), is_answer=True),
    Question("weight", Text("权重", "weight"), 10, range=(0, 1_000_000), is_answer=True),
    Question("stated", Text("原文所述水平", "level stated"), 36),
)
NEEDS_NOTES = (
    "由技术的名称和说明推断，仅供参考：只有“确认”列填“是”的行会写入区内数据。",
    "所需水平：0 到 1，空为不限：任何水平的持有者都算覆盖。原文写明水平的已填入，"
    "依据见“原文所述水平”，请核对；指标不能换算成水平，只引原文。权重：空为 1。",
    "可在下方添加程序没有提出的能力，填写两个编号即可。",
    "填好后：jicheng profile 区 --needs 本文件 --who 姓名",
    "Guessed from name and description of the technology: only rows with yes in “confirm” "
    "enter the zone.",
    "Level: 0 to 1; empty = any: whoever holds it at all covers the need. Where the text states "
    "a level it is filled in, with its words in “level stated”: check it. A figure gives no level "
    "and is only quoted. Weight: empty = 1. Rows may be added: the two ids are enough.",
    "Then: jicheng profile ZONE --needs THIS-FILE --who NAME",
)

REVIEW = (
    Question("text", Text("文本编号", "text"), 20),
    Question("title", Text("标题", "title"), 40),
    Question("sentence", Text("依据", "sentence"), 48),
    Question("capability", Text("能力编号", "capability"), 24),
    Question("capability_name", Text("能力名称", "capability name"), 26),
    Question("score", Text("把握", "score"), 10),
    Question("confirm", Text("确认", "confirm"), 12, answers=(*_YES_NO, _NONE), is_answer=True),
)
REVIEW_NOTES = (
    "这些文本体现哪项能力，程序没有把握。“确认”列填“是”或“否”，不清楚则留空；"
    "可添加行指出程序没有提出的能力。",
    "“以上都不是”：该文本不体现任何一项能力，填在它的任意一行即可，其余各行可留空。"
    "若体现别的能力，请填“否”并添加一行。",
    "填好后：jicheng profile 区 --labels 本文件 --who 姓名",
    "The program is not sure which capability these texts show. Write yes or no in “confirm”, "
    "or leave it empty; rows may be added for capabilities that it did not think of.",
    "“None of these”: the text shows no capability at all. Say it in any one of its rows; the "
    "others may stay empty. If it shows another capability, write no and add a row for that.",
    "Then: jicheng profile ZONE --labels THIS-FILE --who NAME",
)
