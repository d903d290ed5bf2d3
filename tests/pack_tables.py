"""What the shipped packs must say, written down once more from the published tables.

Bounds and points stand here as the rule texts give them, independent of the packs' files.
"""

from __future__ import annotations

from collections.abc import Iterator

from pack_edges import (
    Edge,
    Of,
    at_least,
    at_most,
    bands,
    cases,
    choice,
    either,
    every,
    fact,
    growth,
    missing,
    none_of,
    share,
    threshold,
)

__all__ = ["EDGES"]

HTE, TECH, INNOVATIVE = "cn.hte@2016", "cn.tech_sme@2017", "cn.innovative_sme@2022"
SRDI, GIANT, GUARANTEE = "cn.srdi_sme@2022", "cn.little_giant@2022", "cn.guarantee_plan@2024"
FIELDS = (
    "电子信息", "生物与新医药", "航空航天", "新材料", "高技术服务", "新能源与节能", "资源与环境",
    "先进制造与自动化",
)  # fmt: skip
CLASS1_RIGHTS = ("ip_class1_high_value", "ip_class1_self", "ip_class1", "ip_class2")


def high_tech() -> Iterator[Edge]:
    """国科发火〔2016〕32号, 195号."""
    yield from threshold(HTE, "gates/age", fact("months_registered"), "ge", 12)
    yield from threshold(HTE, "gates/ip", fact("ip_total"), "ge", 1)
    yield from choice(HTE, "gates/field", "tech_field", FIELDS, ["其他"])
    yield from threshold(HTE, "gates/tech_staff", share("tech_staff", "staff_total"), "ge", 0.10)
    for sales, required in (
        (1e6, 0.05), (5e7, 0.05), (5e7 + 1, 0.04), (1e8, 0.04), (2e8, 0.04), (2e8 + 1, 0.03),
        (1e9, 0.03),
    ):  # fmt: skip
        path = "gates/rd_ratio"
        yield from threshold(HTE, path, _research_of_three_years(sales), "ge", required)
    domestic = _of_three_years("rd_domestic", "rd_expense")
    yield from threshold(HTE, "gates/rd_domestic", domestic, "ge", 0.60)
    income = share("ht_product_income", "total_income")
    yield from threshold(HTE, "gates/ht_income", income, "ge", 0.60)
    yield from none_of(HTE, "gates/clean_record", "major_safety_quality_environment_case")
    yield from _high_tech_points()


def _of_three_years(part: str, whole: str) -> Of:
    def of(value: float) -> dict[str, float | list[float]]:
        years = [7e6, 1.1e7, 1.3e7]
        spent = sum(years) * value
        return {whole: years, part: [0.2 * spent, 0.3 * spent, 0.5 * spent], "founded_year": 2000.0}

    return of


def _research_of_three_years(sales: float) -> Of:
    """R&D over the sales of three years together; the class is that of the last year."""

    def of(value: float) -> dict[str, float | list[float]]:
        years = [3e7, 3e8, sales]
        spent = sum(years) * value
        return {
            "revenue": years,
            "rd_expense": [0.5 * spent, 0.4 * spent, 0.1 * spent],
            "founded_year": 2000.0,
        }

    return of


def _high_tech_points() -> Iterator[Edge]:
    for item, levels in (
        ("advanced", ("high", "fairly_high", "average", "low", "none")),
        ("core_support", ("strong", "fairly_strong", "average", "weak", "none")),
    ):
        judged = f"judged.cn.hte.ip.{item}"
        steps = zip(levels, ((7, 8), (5, 6), (3, 4), (1, 2), (0, 0)), strict=True)
        lines = [({judged: level}, points) for level, points in steps]
        yield from cases(HTE, f"indicators/ip/{item}", [*lines, ({}, (0, 8)), ({judged: 6.0}, 6)])
    for item, most in (
        ("rd_system_and_cost_ledger", 6), ("rd_unit_and_cooperation", 6),
        ("incentives_and_open_platform", 4), ("training_and_talent", 4),
    ):  # fmt: skip
        judged, path = f"judged.cn.hte.rd_management.{item}", f"indicators/rd_management/{item}"
        lines = [({}, (0, most)), ({judged: "any"}, (0, most)), ({judged: 3.0}, 3)]
        yield from cases(HTE, path, lines)
    yield from cases(HTE, "indicators/ip/count", [
        ({"ip_class1": 1.0}, (7, 8)),
        ({"ip_class1": 0.0, "ip_class2": 6.0}, (5, 6)),
        ({"ip_class1": 0.0, "ip_class2": 5.0}, (5, 6)),
        ({"ip_class1": 0.0, "ip_class2": 4.0}, (3, 4)),
        ({"ip_class1": 0.0, "ip_class2": 3.0}, (3, 4)),
        ({"ip_class1": 0.0, "ip_class2": 2.0}, (1, 2)),
        ({"ip_class1": 0.0, "ip_class2": 1.0}, (1, 2)),
        ({"ip_class1": 0.0, "ip_class2": 0.0}, 0),
        ({"ip_class1": 0.0}, (0, 6)),
        ({"ip_class2": 3.0}, (3, 8)),
    ])  # fmt: skip
    yield from cases(HTE, "indicators/ip/acquisition", [
        ({"ip_self_developed": True, "ip_total": 1.0}, (1, 6)),
        ({"ip_self_developed": False, "ip_total": 1.0}, (1, 3)),
        ({"ip_self_developed": False, "ip_total": 0.0}, 0),
        ({"ip_total": 1.0}, (1, 6)),
    ])  # fmt: skip
    yield from cases(HTE, "indicators/ip/standards_bonus", [
        ({"standard_participation": True}, (1, 2)),
        ({"standard_participation": False}, 0),
        ({}, (0, 2)),
    ])  # fmt: skip
    yield from bands(
        HTE, "indicators/transformation", fact("transformations_per_year"),
        at_least({5: (25, 30), 4: (19, 24), 3: (13, 18), 2: (7, 12), 1: (1, 6)}),
    )  # fmt: skip
    steps = at_least({0.35: (9, 10), 0.25: (7, 8), 0.15: (5, 6), 0.05: (3, 4)})
    steps.append(("gt", 0.0, (1, 2)))
    yield from bands(HTE, "indicators/growth/revenue_growth", growth("revenue"), steps)
    yield from bands(HTE, "indicators/growth/net_asset_growth", growth("net_assets"), steps)


def technology() -> Iterator[Edge]:
    """国科发政〔2017〕115号."""
    yield from threshold(TECH, "gates/staff_max", fact("staff_total"), "le", 500)
    yield from threshold(TECH, "gates/revenue_max", fact("revenue"), "le", 2e8)
    yield from threshold(TECH, "gates/assets_max", fact("assets_total"), "le", 2e8)
    yield from none_of(
        TECH, "gates/clean_record",
        "major_accident", "env_violation", "research_dishonesty", "abnormal_list",
    )  # fmt: skip
    yield from either(TECH, "direct/hte", "hte_valid")
    award = "national_award_years_ago", "national_award_rank"
    yield from _award(TECH, "direct/award", award, years=5, rank=3)
    yield from choice(
        TECH, "direct/rd_body", "rd_institution_level",
        ["national", "provincial"], ["city", "below_city", "none"],
    )  # fmt: skip
    yield from threshold(TECH, "direct/standard", fact("led_standard_years_ago"), "le", 5)
    staff = at_least({0.30: 20, 0.25: 16, 0.20: 12, 0.15: 8, 0.10: 4})
    yield from bands(TECH, "indicators/tech_staff", share("tech_staff", "staff_total"), staff)
    sales = at_least({0.06: 50, 0.05: 40, 0.04: 30, 0.03: 20, 0.02: 10})
    of_sales = share("rd_expense", "revenue")
    yield from bands(TECH, "indicators/rd_input/rd_to_sales", of_sales, sales)
    cost = at_least({0.30: 50, 0.25: 40, 0.20: 30, 0.15: 20, 0.10: 10})
    of_cost = share("rd_expense", "cost_total")
    yield from bands(TECH, "indicators/rd_input/rd_to_cost", of_cost, cost)
    yield from cases(TECH, "indicators/ip", [
        ({"ip_class1": 1.0, "ip_class2": 0.0}, 30),
        ({"ip_class1": 0.0, "ip_class2": 5.0}, 24),
        ({"ip_class1": 0.0, "ip_class2": 4.0}, 24),
        ({"ip_class1": 0.0, "ip_class2": 3.0}, 18),
        ({"ip_class1": 0.0, "ip_class2": 2.0}, 12),
        ({"ip_class1": 0.0, "ip_class2": 1.0}, 6),
        ({"ip_class1": 0.0, "ip_class2": 0.0}, 0),
        ({"ip_class2": 2.0}, (12, 30)),
    ])  # fmt: skip


def _award(pack: str, path: str, facts: tuple[str, str], *, years: int, rank: int
           ) -> Iterator[Edge]:  # fmt: skip
    """Yield the edges of an award that must be recent and of a good rank."""
    ago, place = facts
    yield from threshold(pack, path, fact(ago, **{place: 1.0}), "le", years)
    yield from threshold(pack, path, fact(place, **{ago: 1.0}), "le", rank)


def innovative() -> Iterator[Edge]:
    """工信部企业〔2022〕63号, annex 1."""
    yield from cases(INNOVATIVE, "indicators/ip_main_product", _rights(20, 15, 10, 5))
    ratio = at_least({0.05: 20, 0.03: 15, 0.02: 10, 0.01: 5})
    yield from bands(INNOVATIVE, "indicators/rd_ratio", share("rd_expense", "revenue"), ratio)
    steps = at_least({0.15: 20, 0.10: 15, 0.05: 10, 0.0: 5})
    yield from bands(INNOVATIVE, "indicators/main_revenue_growth", growth("main_revenue"), steps)
    debt = at_most({0.55: 10, 0.75: 5})
    yield from bands(
        INNOVATIVE, "indicators/debt_ratio", share("liabilities", "assets_total"), debt
    )
    yield from cases(INNOVATIVE, "indicators/product_field", [
        ({"in_strategic_emerging_catalogue": True}, 10),
        ({"in_strategic_emerging_catalogue": False}, 5),
        ({}, (5, 10)),
    ])  # fmt: skip
    steps = at_least({0.70: 20, 0.60: 15, 0.55: 10, 0.50: 5})
    main = share("main_revenue", "revenue")
    yield from bands(INNOVATIVE, "indicators/main_revenue_share", main, steps)
    for award, other in (("national", "provincial"), ("provincial", "national")):
        of = fact(f"{award}_award_years_ago", **{f"{other}_award_years_ago": float("inf")})
        yield from threshold(INNOVATIVE, "direct/award", of, "le", 3)
    titles = ("hte_valid", "national_tech_innovation_demo", "ip_advantage_or_demo_enterprise")
    yield from either(INNOVATIVE, "direct/title", *titles)
    for path, name in zip(("hte", "demonstration", "ip_advantage"), titles, strict=True):
        yield from either(INNOVATIVE, f"direct/title/{path}", name)
    yield from choice(
        INNOVATIVE, "direct/rd_body", "rd_institution_level",
        ["national", "provincial"], ["city", "below_city", "none"],
    )  # fmt: skip
    yield from threshold(INNOVATIVE, "direct/equity", fact("equity_financing_3y"), "ge", 5e6)


def _rights(*points: float) -> list[tuple[dict[str, float | bool | str], float]]:
    """Return what the best kind of right that a firm holds is worth, and no right."""
    lines: list[tuple[dict[str, float | bool | str], float]] = []
    for k, each in enumerate(points):
        held = dict.fromkeys(CLASS1_RIGHTS[:k], 0.0) | {CLASS1_RIGHTS[k]: 1.0}
        lines += [({**held}, each), ({**held, CLASS1_RIGHTS[k]: 2.0}, each)]
    return [*lines, (dict.fromkeys(CLASS1_RIGHTS, 0.0), 0)]


def specialised() -> Iterator[Edge]:
    """工信部企业〔2022〕63号, annex 2."""
    yield from threshold(SRDI, "gates/niche_years", fact("niche_years"), "ge", 2)
    yield from threshold(SRDI, "gates/rd_floor/amount", fact("rd_expense"), "ge", 1e6)
    ratio = share("rd_expense", "revenue", 1e8)
    yield from threshold(SRDI, "gates/rd_floor/ratio", ratio, "ge", 0.03)
    yield from threshold(SRDI, "gates/rd_floor", fact("rd_expense", revenue=2e7), "ge", 1e6)
    yield from threshold(SRDI, "gates/rd_floor", ratio, "ge", 0.03)
    yield from threshold(SRDI, "gates/size_or_equity/revenue", fact("revenue"), "ge", 1e7)
    yield from threshold(
        SRDI, "gates/size_or_equity/equity", fact("equity_financing_2y"), "ge", 2e7
    )
    of = fact("revenue", equity_financing_2y=0.0)
    yield from threshold(SRDI, "gates/size_or_equity", of, "ge", 1e7)
    of = fact("equity_financing_2y", revenue=0.0)
    yield from threshold(SRDI, "gates/size_or_equity", of, "ge", 2e7)
    yield from _specialised_direct()
    yield from _specialised_points()


def _specialised_direct() -> Iterator[Edge]:
    for path, award, rank in (("provincial_award",) * 2 + (3,), ("national_award",) * 2 + (5,)):
        facts = f"{award}_years_ago", f"{award}_rank"
        yield from _award(SRDI, f"direct/{path}", facts, years=3, rank=rank)

    def mean(value: float) -> dict[str, float | list[float]]:
        return {"rd_expense": [99.0, 0.5 * value, 1.5 * value], "founded_year": 2000.0}

    yield from threshold(SRDI, "direct/rd_mean", mean, "ge", 1e7)
    yield from threshold(SRDI, "direct/equity", fact("equity_financing_2y"), "ge", 6e7)
    contest = "maker_china_years_ago", "maker_china_group_rank"
    yield from _award(SRDI, "direct/maker_china", contest, years=3, rank=500)


def _specialised_points() -> Iterator[Edge]:
    item = "indicators/"
    main = share("main_revenue", "revenue")
    steps = at_least({0.80: 5, 0.70: 3, 0.60: 1})
    yield from bands(SRDI, item + "main_revenue_share", main, steps)
    steps = at_least({0.10: 10, 0.08: 8, 0.06: 6, 0.04: 4, 0.0: 2})
    yield from bands(SRDI, item + "main_revenue_growth", growth("main_revenue"), steps)
    years = [
        ({"niche_years": float(at) - short}, min(5, at // 2 - (short > 0)))
        for at in (2, 4, 6, 8, 10, 12) for short in (0.0, 0.01)
    ]  # fmt: skip
    years[-1] = ({"niche_years": 11.99}, 5)
    yield from cases(SRDI, item + "niche_years", [*years, ({"niche_years": 0.0}, 0), ({}, (0, 5))])
    field = ("fills_chain_gap_proven", "six_basics", "time_honoured", "serves_chain_leader")
    nothing = dict.fromkeys(field, False)
    lines = [(nothing, 0), ({**nothing, field[0]: True}, 5), ({field[1]: True}, (3, 5))]
    lines += [({**nothing, name: True}, 3) for name in field[1:]]
    yield from cases(SRDI, item + "product_field", lines)
    levels = {1: 0, 2: 3, 3: 5, 4: 5}
    lines = [({"digital_level": float(level)}, points) for level, points in levels.items()]
    yield from cases(SRDI, item + "digital_level", [*lines, ({}, (0, 5))])
    yield from _quality()
    steps = at_least({0.10: 10, 0.08: 8, 0.06: 6, 0.04: 4, 0.02: 2})
    yield from bands(SRDI, item + "net_margin", share("net_profit", "revenue"), steps)
    steps = at_most({0.50: 5, 0.60: 3, 0.70: 1})
    yield from bands(SRDI, item + "debt_ratio", share("liabilities", "assets_total"), steps)
    yield from cases(SRDI, item + "local_feature", [({}, (0, 15))])
    yield from cases(SRDI, item + "ip_main_product", _rights(10, 8, 6, 2))
    steps = at_least({5e6: 10, 4e6: 8, 3e6: 6, 2e6: 4, 1e6: 2})
    yield from bands(SRDI, item + "rd_spend/amount", fact("rd_expense"), steps)
    steps = at_least({0.10: 10, 0.08: 8, 0.06: 6, 0.04: 4, 0.03: 2})
    yield from bands(SRDI, item + "rd_spend/ratio", share("rd_expense", "revenue"), steps)
    yield from cases(SRDI, item + "rd_spend", [
        ({"rd_expense": 2e6, "revenue": 1e9}, 4),
        ({"rd_expense": 2e6, "revenue": 2e7}, 10),
        ({"rd_expense": 2e6}, (4, 10)),
    ])  # fmt: skip
    steps = at_least({0.20: 5, 0.10: 3, 0.05: 1})
    yield from bands(SRDI, item + "rd_staff_share", share("rd_staff", "staff_total"), steps)
    bodies = {"national": 10, "provincial": 8, "city": 4, "below_city": 2, "none": 0}
    lines = [({"rd_institution_level": level}, points) for level, points in bodies.items()]
    yield from cases(SRDI, item + "rd_institution", [*lines, ({}, (0, 10))])


def _quality() -> Iterator[Edge]:
    facts = (
        "provincial_quality_award", "iso9001_class_certificate", "own_brand",
        "standard_participation",
    )  # fmt: skip
    nothing = dict.fromkeys(facts, False)
    lines = [({**nothing, name: True}, 3) for name in facts]
    lines += [(nothing, 0), ({**nothing, facts[0]: True, facts[3]: True}, 5)]
    lines += [(dict.fromkeys(facts, True), 5), ({facts[0]: True}, (3, 5)), ({}, (0, 5))]
    yield from cases(SRDI, "indicators/quality", lines)


def little_giant() -> Iterator[Edge]:
    """工信部企业〔2022〕63号, annex 3."""
    yield from threshold(GIANT, "gates/specialised/niche_years", fact("niche_years"), "ge", 3)
    main = share("main_revenue", "revenue")
    yield from threshold(GIANT, "gates/specialised/main_revenue_share", main, "ge", 0.70)
    path = "gates/specialised/main_revenue_growth"
    yield from threshold(GIANT, path, growth("main_revenue"), "ge", 0.05)
    yield from threshold(GIANT, "gates/refined/digital", fact("core_processes_on_it"), "ge", 1)
    certificates = "management_certificate", "international_product_certificate"
    yield from either(GIANT, "gates/refined/certificate", *certificates)
    debt = share("liabilities", "assets_total")
    yield from threshold(GIANT, "gates/refined/debt_ratio", debt, "le", 0.70)
    niche = fact("national_niche_share")
    yield from threshold(GIANT, "gates/distinctive/niche_share", niche, "ge", 0.10)
    yield from either(GIANT, "gates/distinctive/brand", "own_brand")
    general = "gates/innovative/general"
    yield from _research_by_size(f"{general}/rd")
    yield from either(GIANT, f"{general}/rd_body", "has_rd_institution")
    rights = fact("ip_class1_main_product", ip_in_use_with_benefit=True)
    yield from threshold(GIANT, f"{general}/ip", rights, "ge", 2)
    used = {"ip_class1_main_product": 2.0}
    yield from every(GIANT, f"{general}/ip", "ip_in_use_with_benefit", **used)
    award = "national_award_years_ago", "national_award_rank"
    yield from _award(GIANT, "gates/innovative/direct_award", award, years=3, rank=3)
    contest = "maker_china_years_ago", "maker_china_group_rank"
    yield from _award(GIANT, "gates/innovative/direct_contest", contest, years=3, rank=50)
    yield from either(GIANT, "gates/chain/key_link", "key_link_in_chain")
    effects = "fills_shortcoming", "lengthens_strength", "fills_gap"
    yield from either(GIANT, "gates/chain/effect", *effects)
    good = ["six_basics", "ten_key_fields", "cyber_power_fields"]
    yield from choice(GIANT, "gates/product", "product_class", good, ["other"])


def _research_by_size(path: str) -> Iterator[Edge]:
    """Yield what firms of three sizes must spend, in both years where ratios count."""

    def spends(sales: float, first: float, last: float) -> dict[str, list[float]]:
        return {"revenue": [8e7, sales], "rd_expense": [8e7 * first, sales * last]}

    for name, low, high, ratio in (("large", 1e8, 5e8, 0.03), ("medium", 5e7, 9e7, 0.06)):
        leaf = f"{path}/{name}"
        yield from threshold(GIANT, leaf, lambda x, r=ratio: spends(x, r, r), "ge", low)
        yield from threshold(GIANT, leaf, lambda x, r=ratio, s=high: spends(s, x, r), "ge", ratio)
        yield from threshold(GIANT, leaf, lambda x, r=ratio, s=high: spends(s, r, x), "ge", ratio)
        yield from threshold(GIANT, path, lambda x, r=ratio, s=high: spends(s, x, r), "ge", ratio)
    yield from threshold(GIANT, f"{path}/medium", lambda x: spends(x, 0.06, 0.06), "lt", 1e8)
    small = {
        "revenue": 4e7, "equity_financing_2y": 8e7, "rd_expense": 3e7, "rd_staff": 50.0,
        "staff_total": 100.0,
    }  # fmt: skip
    for name, side, bound in (
        ("revenue", "lt", 5e7), ("equity_financing_2y", "ge", 8e7), ("rd_expense", "ge", 3e7),
    ):  # fmt: skip
        of = fact(name, **{key: value for key, value in small.items() if key != name})
        yield from threshold(GIANT, f"{path}/small", of, side, bound)
    others = {key: small[key] for key in ("revenue", "equity_financing_2y", "rd_expense")}
    of = share("rd_staff", "staff_total", 100.0, **others)
    yield from threshold(GIANT, f"{path}/small", of, "ge", 0.50)


def guarantee() -> Iterator[Edge]:
    """财金〔2024〕60号."""
    path = "gates/eligible"
    for name in ("tech_sme", "little_giant", "srdi_sme", "innovative_sme"):
        yield from either(GUARANTEE, f"{path}/{name}", f"{name}_valid")
    yield from every(GUARANTEE, f"{path}/hte_sme", "hte_valid", "is_sme")
    yield from every(GUARANTEE, f"{path}/national_project", "is_sme", "national_project")
    yield from either(GUARANTEE, f"{path}/points_candidate", "innovation_points_candidate")
    yield from either(
        GUARANTEE, path, "tech_sme_valid", "little_giant_valid", "srdi_sme_valid",
        "innovative_sme_valid", "innovation_points_candidate", hte_valid=False, is_sme=True,
        national_project=False,
    )  # fmt: skip


def consortia() -> Iterator[Edge]:
    """Yield local rules of consortia."""
    yield from _hefei("cn.consortium.hefei@2025")
    yield from _wuhu("cn.consortium.wuhu@2024")
    delta = "cn.consortium.yangtze_delta@2025"
    good = ["leading_firm", "innovation_platform", "common_technology_platform"]
    bad = ["chain_leader", "unicorn", "other"]
    yield from choice(delta, "gates/lead_kind", "lead_kind", good, bad)
    yield from every(delta, "gates/form", "cross_province", "task_led", "common_interest")
    for pack in ("cn.consortium.hubei@2022", "cn.consortium.hainan@2022"):
        others = ["chain_leader", "unicorn", "innovation_platform", "other"]
        yield from choice(pack, "gates/lead_kind", "lead_kind", ["leading_firm"], others)
        yield from missing(pack, "gates/rest")
    baoding = "cn.consortium.baoding@undated"
    yield from every(baoding, "gates/lead", "lead_legal_person", "lead_registered_in_city")
    for path, name in (
        ("goals_and_task_split", "signed_by_all"), ("bodies", "names_bodies"),
        ("funds", "rules_funds"), ("ip", "rules_ip"), ("diffusion", "rules_diffusion"),
    ):  # fmt: skip
        yield from either(baoding, f"gates/{path}", f"agreement_{name}")


def _hefei(pack: str) -> Iterator[Edge]:
    yield from either(pack, "gates/lead_legal_person", "lead_legal_person")
    good = ["leading_firm", "chain_leader", "unicorn"]
    bad = ["innovation_platform", "common_technology_platform", "other"]
    yield from choice(pack, "gates/lead_kind", "lead_kind", good, bad)
    ratio = _of_three_years("lead_rd_expense", "lead_revenue")
    yield from threshold(pack, "gates/lead_rd/ratio", ratio, "ge", 0.03)

    def mean(value: float) -> dict[str, float | list[float]]:
        return {"lead_rd_expense": [0.5 * value, value, 1.5 * value], "founded_year": 2000.0}

    yield from threshold(pack, "gates/lead_rd/amount", mean, "ge", 3e7)
    for path, name in (
        ("core_technology", "lead_core_technology"), ("management", "lead_rd_management_system"),
        ("leading", "lead_leading_in_standards_patents_or_share"),
    ):  # fmt: skip
        yield from either(pack, f"gates/lead_quality/{path}", name)
    yield from threshold(pack, "gates/partners_min", fact("partner_count"), "ge", 3)
    small = fact("technology_micro_small_partners")
    yield from threshold(pack, "gates/small_firms", small, "gt", 0)
    yield from missing(pack, "gates/small_firms_share")
    yield from either(pack, "gates/research_partners", "research_partners_have_team")


def _wuhu(pack: str) -> Iterator[Edge]:
    yield from either(pack, "gates/lead_registered", "lead_registered_in_city")
    for place in range(3):

        def amount(value: float, place: int = place) -> dict[str, list[float]]:
            years = [9e7, 9e7, 9e7]
            years[place] = value
            return {"lead_rd_expense": years}

        def ratio(value: float, place: int = place) -> dict[str, list[float]]:
            ratios = [0.5, 0.5, 0.5]
            ratios[place] = value
            sales = [2e6, 7e6, 5e7]
            spent = [x * each for x, each in zip(ratios, sales, strict=True)]
            return {"lead_rd_expense": spent, "lead_revenue": sales}

        yield from threshold(pack, "gates/lead_rd/ratio", ratio, "ge", 0.03)
        yield from threshold(pack, "gates/lead_rd", ratio, "ge", 0.03)
        yield from threshold(pack, "gates/lead_rd/amount", amount, "ge", 3e7)
    yield from every(pack, "gates/form", "market_mechanism", "task_led")


def open_challenges() -> Iterator[Edge]:
    """Yield who may take part in calls of two ministries."""
    most = "cn.open_challenge.most_nkp@undated"
    for path, name in (
        ("final_user", "challenge_final_user"), ("application_aim", "challenge_application_aim"),
        ("performance_pledge", "signs_performance_pledge"),
    ):  # fmt: skip
        yield from either(most, f"gates/{path}", name)
    yield from missing("cn.open_challenge.miit_ai@2018", "gates/applicants")
    second = "cn.open_challenge.miit_ai@2021"
    yield from either(second, "gates/legal_person", "legal_person")
    yield from threshold(second, "gates/projects_per_applicant", fact("projects_applied"), "le", 3)
    yield from none_of(second, "gates/no_repeat", "won_before")
    yield from either(second, "gates/via_province", "recommended_by_province")
    for pack, gates in (
        ("cn.open_challenge.miit_future@2023", "gates"),
        ("cn.open_challenge.miit_ai_plus@2025", "gates/form"),
    ):
        yield from either(pack, f"{gates}/legal_person", "lead_legal_person")
        yield from either(pack, f"{gates}/commits_to_deadline", "commits_to_deadline")
        lines = {0.0: False, 1.0: True, 2.0: False}
        for count, expected in lines.items():
            path = f"{gates}/lead"
            yield Edge(pack, path, f"{count:g} leads", {"lead_count": count}, expected, 1)
        yield from threshold(pack, f"{gates}/partners_max", fact("partner_count"), "le", 4)


def talent() -> Iterator[Edge]:
    """Yield that nobody can be told: the clauses are missing."""
    categories = "outstanding_entrepreneur", "lead_team", "rising_entrepreneur", "manager"
    paths = [f"gates/category/{name}" for name in (*categories, "top_investor")]
    yield from missing("cn.gz.huangpu.talent@2024", "gates/category", *paths)
    yield from missing("cn.gz.huangpu.hk_macao_youth@2.0", "gates/eligible")
    yield from missing("cn.gz.huangpu.talent_port@undated", "gates/eligible")


EDGES: tuple[Edge, ...] = tuple(
    edge
    for table in (
        high_tech, technology, innovative, specialised, little_giant, guarantee, consortia,
        open_challenges, talent,
    )
    for edge in table()
)  # fmt: skip
