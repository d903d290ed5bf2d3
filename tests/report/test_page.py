from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from jicheng.report import PlanView, render, write_report
from jicheng.schema import plan_tables
from plan_builders import make_plan, typed

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028'\"`&amp;"
SECTIONS = ("summary", "chain", "quadrant", "technologies", "challenges", "portfolio",
            "exposure", "rules", "methods", "sources")  # fmt: skip
LOADING = ("src", "href", "srcset", "action", "data", "poster", "background")


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes and the text of cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self._in_cell = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag == "td":
            self._in_cell += 1
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._in_cell -= 1

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data

    def addresses(self) -> Iterator[str]:
        for _, attributes in self.found:
            for name in LOADING:
                if attributes.get(name):
                    yield str(attributes[name])


def own_part(page: str) -> str:
    """Return the page without the scripts and licence texts of others."""
    page = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    return re.sub(r"<pre lang=\"en\">.*?</pre>", "", page, flags=re.DOTALL)


def unpacked(page: str, name: str) -> str:
    match = re.search(rf'id="{name}">([^<]*)</script>', page)
    assert match is not None
    return gzip.decompress(base64.b64decode(match[1])).decode()


def test_page_loads_no_address(page: str) -> None:
    for address in Elements(page).addresses():
        assert address.startswith(("#", "data:")), address
    assert not re.search(r"https?://(?!www\.w3\.org/)", own_part(page))
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", own_part(page))
    assert "sourceMappingURL" not in page


def test_policy_allows_only_the_scripts_inside(page: str) -> None:
    policy = next(
        attributes["content"]
        for tag, attributes in Elements(page).found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert "default-src 'none'" in policy
    script = next(part for part in policy.split(";") if "script-src" in part)
    assert "unsafe" not in script
    assert script.count("sha256-") == len(re.findall(r"<script>", page))


def test_page_has_no_handler_in_its_markup(page: str) -> None:
    names = {name for _, attributes in Elements(own_part(page)).found for name in attributes}
    assert not [name for name in names if name.startswith("on")]


def test_every_section_stands_on_the_page(page: str) -> None:
    ids = [attributes.get("id") for tag, attributes in Elements(page).found if tag == "section"]
    assert tuple(ids) == SECTIONS


def test_no_cell_is_empty(page: str) -> None:
    empty = [cell for cell in Elements(page).cells if not cell.strip()]
    assert empty == []


def test_no_markup_of_ours_is_escaped(page: str) -> None:
    assert "&lt;span" not in page
    assert "&amp;#" not in page


def test_chinese_name_inside_english_words_is_marked(page: str) -> None:
    assert '<span class="en" lang="en">Lead: <span lang="zh-Hans">黄埔新材料科技' in page


def test_ids_are_unique(page: str) -> None:
    ids = [a["id"] for _, a in Elements(page).found if a.get("id")]
    assert len(ids) == len(set(ids))


def test_same_plan_gives_the_same_bytes(plan: PlanView, tmp_path: Path, with_assets: None) -> None:
    first = write_report(plan, tmp_path / "a.html").read_bytes()
    second = write_report(make_plan(), tmp_path / "b.html").read_bytes()
    assert first == second
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["a.html", "b.html"]


def test_marks_stand_only_where_they_belong(with_assets: None) -> None:
    plain = render(make_plan(is_sample=False, draft_rules=[]))
    assert "strip-sample" not in own_part(plain).split("</style>")[-1]
    marked = own_part(render(make_plan())).split("</style>")[-1]
    assert "strip-sample" in marked
    assert "cn.little_giant.2022" in marked


def test_hostile_name_is_inert_in_markup_and_data(with_assets: None) -> None:
    page = render(make_plan(names={"ic-chip": HOSTILE, "la-evtol": "{{ 7 * 7 }}"},
                            zone={"name": HOSTILE, "home": "CHN", "period": 2026}))  # fmt: skip
    tags = Elements(page).found
    assert not [attributes for tag, attributes in tags if "onerror" in attributes]
    assert "{{ 7 * 7 }}" in page
    match = re.search(r'id="report-data">(.*?)</script>', page, flags=re.DOTALL)
    assert match is not None
    assert "\u2028" not in match[1]
    data = json.loads(match[1])
    assert HOSTILE in data["technologies"]["ic-chip"]["name"]


def test_hostile_explanation_is_inert(with_assets: None) -> None:
    plan = make_plan()
    hostile = PlanView(plan.tables, plan.zone_tables, plan.manifest, {
        "ic-chip": [{"title_zh": HOSTILE, "lines": [{"zh": HOSTILE}], "rows": [{"key": HOSTILE}]}],
    })  # fmt: skip
    page = render(hostile)
    assert not [a for _, a in Elements(page).found if "onerror" in a]
    assert HOSTILE in json.loads(unpacked(page, "packed-explanations"))["texts"][0]


def test_plan_without_any_table_still_makes_a_page(with_assets: None) -> None:
    page = render(PlanView({}))
    assert page.count("plot-empty") >= 10
    assert "未记录" in page


@pytest.mark.parametrize("table", sorted(plan_tables()))
def test_plan_without_one_table_makes_a_page(table: str, with_assets: None) -> None:
    page = render(make_plan(without=[table]))
    assert all(f'<section id="{name}"' in page for name in SECTIONS)
    assert [cell for cell in Elements(page).cells if not cell.strip()] == []


def test_cards_after_the_first_ones_are_packed(with_assets: None) -> None:
    plan = make_plan()
    rows = [plan.rows("challenges")[0] | {"challenge": f"ch:{k:02d}"} for k in range(40)]
    many = typed("challenges", rows)
    view = PlanView({**plan.tables, "challenges": many}, plan.zone_tables, plan.manifest)
    page = render(view)
    inside = page.count('<details class="card ')
    packed = unpacked(page, "packed-cards").count('<details class="card ')
    assert inside + packed == many.height
    assert packed > 0
