"""Small lists for tests of the intake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jicheng.intake.inputs import Inputs, read_inputs
from workbooks import write_book

__all__ = ["CODE", "FIRMS", "OTHER", "PATENTS", "inputs_of", "write_lists"]

CODE, OTHER = "914401010000000430", "91440101000000190H"
FIRMS = [
    ["企业名录（截至2025年12月31日）"],
    ["企业名称", "统一社会信用代码", "法定代表人", "主营业务", "所在城市", "英文名称"],
    ["广州澜图光电有限公司", CODE, "张三", "光刻胶树脂", "广州",
     "Guangzhou Lantu Photonics Co., Ltd."],
    ["广州翊帆半导体有限公司", OTHER, "李四", "静电卡盘", "广州", ""],
    ["广州昱序真空科技有限公司", "", "王五", "", "广州", ""],
]  # fmt: skip
PATENTS = [
    ["申请号", "标题", "摘要", "申请人", "发明人", "申请日"],
    ["CN202310123456.7", "一种光刻胶树脂", "用于193纳米光刻", "广州澜图光电有限公司；岭湾大学",
     "赵一；钱二", "2023-02-03"],
    ["CN202310123457.5", "一种静电卡盘", "用于刻蚀机", "Guangzhou Lantu Photonics Co., Ltd.",
     "赵一", "2023-05-03"],
    ["CN202310123458.3", "一种真空钎焊炉", "用于封接", "广州昱序真空科技有限公司", "赵一", 2024],
    ["CN202310123459.1", "一种茶杯", "用于喝茶", "孙三", "孙三", 2024],
]  # fmt: skip


def write_lists(folder: Path, **books: Sequence[Sequence[Any]]) -> list[Path]:
    """Write one workbook a list."""
    folder.mkdir(exist_ok=True, parents=True)
    return [write_book(folder / f"{name}.xlsx", {"表": rows}) for name, rows in books.items()]


def inputs_of(folder: Path, **books: Sequence[Sequence[Any]]) -> Inputs:
    """Write lists and read them back."""
    return read_inputs(write_lists(folder, **books))
