"""The report in a browser: both languages, two widths, mouse and keyboard, no network."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jicheng.report import PlanView
from plan_builders import TECHNOLOGIES, make_plan

pytestmark = pytest.mark.browser

Open = Callable[..., Any]

VISIBLE_TEXTS = """(marked) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.textContent.trim() || parent.closest("script, style, pre, code, .plot")) continue;
    if (marked && parent.closest(marked)) continue;
    if (parent.getClientRects().length) found.push(node.textContent.trim());
  }
  return found;
}"""


def open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")


def visible(page: Page, selector: str) -> list[str]:
    texts: list[str] = page.locator(selector).evaluate_all(
        "(nodes) => nodes.filter((n) => n.getClientRects().length).map((n) => n.innerText.trim())"
    )
    return texts


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_page_fits_the_screen_and_draws_every_chart(
    opened: Open, report: Path, width: int, language: str
) -> None:
    page = opened(report, width=width, place=f"/{language}").page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    open_everything(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawn = page.locator("[data-chart] svg")
    assert drawn.count() == page.locator("[data-chart]").count() == 11
    assert page.locator("#map canvas").count() > 0


def test_overview_fits_one_screen(opened: Open, report: Path) -> None:
    for language in ("zh", "en"):
        page = opened(report, place=f"/{language}").page
        bottom = page.locator("#summary .by-chain").bounding_box()
        assert bottom is not None
        assert bottom["y"] + bottom["height"] <= 900


def test_english_page_has_no_chinese_but_marked_names(opened: Open, report: Path) -> None:
    page = opened(report, place="/en").page
    open_everything(page)
    assert page.evaluate("document.documentElement.lang") == "en"
    chinese = [t for t in page.evaluate(VISIBLE_TEXTS, "[lang|=zh]") if re.search("[一-鿿]", t)]
    assert chinese == []
    marked = "(n) => n.filter((x) => x.getClientRects().length).map((x) => x.textContent)"
    names = set(page.locator("main [lang|=zh]").evaluate_all(marked))
    assert "晶圆检测设备" in names
    interface = {"总览", "卡脖子", "无数据", "来源与许可"}
    assert not names & interface


def test_chinese_page_has_no_english_but_names_and_codes(opened: Open, report: Path) -> None:
    page = opened(report).page
    open_everything(page)
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    known = re.compile(
        r"English|CSV|HHI|SHA-256|Blengini|Diem|Rheinland Optik|jicheng verify [\w/]+|exp|"
        r"cn\.little_giant\.2022|plan-7f3a9c21|CC0-1\.0|supply:bm-seq|7f3a\w+|eta|kappa|draws|"
        r"years|relief"
    )
    texts = [known.sub("", text) for text in page.evaluate(VISIBLE_TEXTS, "[lang=en]")]
    assert [text for text in texts if re.search("[A-Za-z]{3,}", text)] == []


def test_language_switches_without_reload_and_stays_in_the_address(
    opened: Open, report: Path
) -> None:
    page = opened(report).page
    page.evaluate("window.kept = true")
    page.click("[data-language=en]")
    expect(page.locator("h1 .en")).to_be_visible()
    expect(page.locator("h1 .zh")).to_be_hidden()
    assert page.title() == "Integration plan of Demo High-tech Zone"
    assert page.evaluate("window.kept") is True
    assert "/en" in page.url
    page.reload()
    assert page.evaluate("document.documentElement.lang") == "en"
    axis = page.locator("[data-chart=quadrant] svg").text_content() or ""
    assert "Vulnerability V" in axis
    assert "脆弱度" not in axis


def test_link_to_a_section_keeps_the_language(opened: Open, report: Path) -> None:
    page = opened(report, place="/en").page
    page.click("nav [data-section=portfolio]")
    assert page.url.endswith("#/en/portfolio")
    expect(page.locator("#portfolio h2")).to_be_in_viewport()
    page.goto(f"file://{report}#/zh/exposure")
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    expect(page.locator("#exposure h2")).to_be_in_viewport()


def click_node(page: Page, technology: str) -> None:
    place = page.evaluate(
        """(id) => {
          const at = Report.chainMap().getElementById(id).renderedPosition();
          const box = document.getElementById("map").getBoundingClientRect();
          return [box.left + at.x, box.top + at.y];
        }""",
        technology,
    )
    page.mouse.click(*place)


def test_click_on_a_node_opens_its_explanation(opened: Open, report: Path) -> None:
    page = opened(report, place="/zh/chain").page
    page.evaluate("document.getElementById('map').scrollIntoView({ block: 'center' })")
    click_node(page, "ic-resist")
    panel = page.locator("#panel")
    expect(panel).to_be_visible()
    expect(panel.locator("h2")).to_have_text("光刻胶")
    expect(panel).to_contain_text("无数据")
    expect(panel).to_contain_text("脆弱度怎样得出")
    expect(panel).to_contain_text("什么会改变结论")
    panel.locator("details summary", has_text="来源数据行").click()
    expect(panel.locator("table")).to_contain_text("示例行业年鉴")
    faded = page.evaluate("Report.chainMap().nodes('.faded').map((n) => n.id())")
    assert "ic-lens" in faded
    assert "ic-resin" not in faded


def test_panel_follows_the_language_and_neighbours(opened: Open, report: Path) -> None:
    page = opened(report).page
    page.locator("#summary [data-technology=ic-fab]").first.click()
    page.click("[data-language=en]")
    expect(page.locator("#panel h2")).to_have_text("Wafer fabrication")
    page.locator("#panel [data-technology=ic-chip]").click()
    expect(page.locator("#panel h2")).to_have_text("Logic chip")


def test_map_of_another_chain_and_of_risk_paths(opened: Open, report: Path) -> None:
    page = opened(report, place="/zh/chain").page
    page.locator("#chain [role=tab]", has_text="低空经济").click()
    nodes = set(page.evaluate("Report.chainMap().nodes().map((n) => n.id())"))
    own = {row[0] for row in TECHNOLOGIES["低空经济"]}
    assert own <= nodes
    assert nodes - own == {"ic-chip"}
    page.check("#only-risk")
    risky = page.evaluate("Report.chainMap().nodes().map((n) => n.data('verdict'))")
    assert len(risky) < len(nodes)
    assert {"chokepoint", "watch"} & set(risky)


def test_nested_list_says_the_same_as_the_map(opened: Open, report: Path) -> None:
    page = opened(report).page
    listed = page.locator("#chain-list [data-technology]").evaluate_all(
        "(nodes) => nodes.map((n) => n.dataset.technology)"
    )
    assert sorted(listed) == sorted(row[0] for rows in TECHNOLOGIES.values() for row in rows)


def test_everything_of_the_map_works_from_the_keyboard(opened: Open, report: Path) -> None:
    page = opened(report, place="/en/chain").page
    page.locator("#chain [role=tab]").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#chain [role=tab]").nth(1)).to_be_focused()
    expect(page.locator("#chain [role=tab]").nth(1)).to_have_attribute("aria-selected", "true")
    page.locator("#chain-list summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = page.locator("#chain-list [data-technology]").first
    expect(focused).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_visible()
    expect(page.locator("#panel-close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(focused).to_be_focused()


def test_first_tab_is_the_skip_link(opened: Open, report: Path) -> None:
    page = opened(report).page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()


def shares(page: Page) -> list[float]:
    cells = visible(page, '#technology-table td[data-column="p_chokepoint"]')
    return [float(cell.strip("%<")) for cell in cells if cell.endswith("%")]


def test_table_sorts_with_missing_values_last(opened: Open, report: Path) -> None:
    page = opened(report).page
    head = page.locator('#technology-table th[data-column="p_chokepoint"]')
    for direction in ("ascending", "descending"):
        head.locator("button").click()
        expect(head).to_have_attribute("aria-sort", direction)
        values = shares(page)
        assert values == sorted(values, reverse=direction == "descending")
        last = visible(page, '#technology-table td[data-column="p_chokepoint"]')[-1]
        assert last == "无数据"


def test_names_sort_by_pinyin(opened: Open, report: Path) -> None:
    page = opened(report).page
    page.locator('#technology-table th[data-column="name"] button').click()
    names = visible(page, '#technology-table td[data-column="name"]')
    places = [names.index(name) for name in ("薄膜沉积设备", "测序仪", "光刻", "准分子激光光源")]
    assert places == sorted(places)


def test_table_filters_by_text_chain_and_verdict(opened: Open, report: Path) -> None:
    page = opened(report).page
    form = page.locator("form.filters")
    form.locator("[name=chain]").select_option("低空经济")
    assert set(visible(page, '#technology-table td[data-column="chain"]')) == {"低空经济"}
    form.locator("[name=verdict]").select_option("no_data")
    assert set(visible(page, '#technology-table td[data-column="verdict"]')) == {"无数据"}
    expect(form.locator(".shown")).to_have_text("显示 1 / 41 项")
    form.locator("[name=search]").fill("nothing like this")
    expect(page.locator("#technologies .empty")).to_be_visible()
    form.locator("[type=reset]").click()
    expect(form.locator(".shown")).to_have_text("显示 41 / 41 项")
    form.locator("[name=search]").fill("photoresist")
    expect(form.locator(".shown")).to_have_text("显示 2 / 41 项")


def test_further_columns_can_be_shown(opened: Open, report: Path) -> None:
    page = opened(report).page
    column = page.locator('#technology-table th[data-column="home_share"]')
    expect(column).to_be_hidden()
    page.locator(".columns summary").click()
    page.check('.columns [value="home_share"]')
    expect(column).to_be_visible()


def exported(page: Page) -> list[list[str]]:
    with page.expect_download() as waiting:
        page.click("[data-export=technology-table]")
    assert waiting.value.suggested_filename == "technology-table-plan-7f3a9c21-sample.csv"
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_export_is_what_is_shown_with_escaped_cells(
    opened: Open, write: Callable[[PlanView], Path]
) -> None:
    path = write(make_plan(names={"ic-chip": '=cmd|"/c calc"!A1', "ic-fab": "@SUM(A1)"}))
    page = opened(path, place="/en").page
    page.locator("form.filters [name=search]").fill("ic-")
    rows = exported(page)
    heads = rows[0]
    assert heads[:3] == ["Rank", "Rank: Interval (5%–95%)", "Name"]
    assert "Home share" not in heads
    assert heads[-1] == "Sample data"
    assert len(rows) == 1 + len(TECHNOLOGIES["集成电路"])
    names = {row[2] for row in rows[1:]}
    assert {'\'=cmd|"/c calc"!A1', "'@SUM(A1)"} <= names
    missing = next(row for row in rows if row[2] == "Photoresist")
    assert missing[heads.index("Vulnerability")] == "No data"


def test_hostile_name_stays_text_everywhere(
    opened: Open, write: Callable[[PlanView], Path]
) -> None:
    name = '</script><img src=x onerror="window.broken=1"><b>{{7*7}}'
    plan = make_plan(names={"ic-fab": name, "ic-litho": name, "la-mems": name})
    page = opened(write(plan)).page
    page.locator("#summary [data-technology=ic-fab]").first.click()
    expect(page.locator("#panel h2")).to_have_text(name)
    page.hover("#chart-quadrant svg path >> nth=30", force=True)
    page.click("[data-language=en]")
    assert page.evaluate("window.broken") is None
    assert page.locator("img[src=x], #panel b").count() == 0


def test_point_of_the_quadrant_opens_the_panel_and_filters_by_chain(
    opened: Open, report: Path
) -> None:
    page = opened(report, place="/zh/quadrant").page
    before = page.locator("#chart-quadrant svg path").count()
    page.locator("[data-filters-chart=quadrant]").select_option("生物医药")
    assert page.locator("#chart-quadrant svg path").count() < before


def test_cards_open_together_and_tell_why_there_is_no_team(opened: Open, report: Path) -> None:
    page = opened(report, place="/en/challenges").page
    cards = page.locator("details.card")
    assert cards.evaluate_all("(c) => c.filter((x) => x.open).length") == 1
    page.click("[data-cards=open]")
    assert cards.evaluate_all("(c) => c.every((x) => x.open)")
    card = page.locator('[id="card-ch:source"]')
    expect(card).to_contain_text("There is no feasible consortium")
    expect(page.locator('[id="card-ch:resin"] .matrix')).to_contain_text("does not meet")
    page.click("[data-cards=close]")
    assert not cards.evaluate_all("(c) => c.some((x) => x.open)")


def test_card_opens_how_its_consortium_came_about(opened: Open, report: Path) -> None:
    page = opened(report, place="/en").page
    page.locator("[data-challenge='ch:resin']").click()
    panel = page.locator("#panel")
    expect(panel.locator("h2")).to_have_text("Domestic photoresist resin monomer")
    expect(panel).to_contain_text("capability High-purity polymer synthesis: +5.23 points")
    expect(panel).to_contain_text("org:f9: unknown")
    panel.locator("summary").click()
    expect(panel.locator("table")).to_contain_text("org:u1|cap:poly")
    expect(panel.locator("table")).to_contain_text("Level: 0.8")


def test_packed_cards_are_opened_in_the_page(
    opened: Open, write: Callable[[PlanView], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jicheng.report.page._CARDS_IN_PAGE", 2)
    page = opened(write(make_plan()), place="/en").page
    assert page.locator("details.card").count() == 8
    page.click("[data-cards=open]")
    expect(page.locator('[id="card-ch:eda"]')).to_contain_text("No data")


def test_strips_stay_in_view(opened: Open, report: Path) -> None:
    for width in (1440, 390):
        page = opened(report, width=width).page
        page.evaluate("window.scrollTo(0, 3000)")
        expect(page.locator(".strip-sample")).to_be_in_viewport()
        expect(page.locator(".strip-draft")).to_be_in_viewport()


def test_plan_without_tables_shows_frames_and_reasons(
    opened: Open, write: Callable[[PlanView], Path]
) -> None:
    for language, words in (("zh", "没有技术清单"), ("en", "There are no technologies")):
        page = opened(write(PlanView({})), place=f"/{language}").page
        expect(page.locator("#technologies")).to_contain_text(words)
        assert page.locator("[data-chart]").count() == 0


def test_paper_is_a4_with_every_card_and_no_clipped_table(opened: Open, report: Path) -> None:
    page = opened(report).page
    expect(page.locator("#map-paper")).to_have_attribute("src", re.compile("^data:image/png"))
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    boxes = {tuple(round(float(x)) for x in m.split()) for m in
             re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf)}  # fmt: skip
    assert boxes == {(0, 0, 595, 842)}
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": 1000})
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.card:not([open])").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 690
