"""Where the elements of the reference drafts stand in the shipped packs, for a test."""

from __future__ import annotations

__all__ = ["ELSEWHERE", "NOT_ELIGIBILITY", "PACKS"]

PACKS = {
    "cn.hte.2016": "cn.hte@2016",
    "cn.innovation_points": "cn.innovation_points@2024",
    "cn.innovative_sme.2022": "cn.innovative_sme@2022",
    "cn.little_giant.2022": "cn.little_giant@2022",
    "cn.srdi_sme.2022": "cn.srdi_sme@2022",
    "cn.tech_sme.2017": "cn.tech_sme@2017",
}
"""Draft to the pack that holds most of it at the same paths."""

_HEFEI, _WUHU = "cn.consortium.hefei@2025", "cn.consortium.wuhu@2024"
_DELTA, _HUBEI = "cn.consortium.yangtze_delta@2025", "cn.consortium.hubei@2022"
_HAINAN, _BAODING = "cn.consortium.hainan@2022", "cn.consortium.baoding@undated"
_MOST, _AI_2018 = "cn.open_challenge.most_nkp@undated", "cn.open_challenge.miit_ai@2018"
_AI_2021, _FUTURE = "cn.open_challenge.miit_ai@2021", "cn.open_challenge.miit_future@2023"
_PLUS = "cn.open_challenge.miit_ai_plus@2025"

_CONSORTIA = {
    _HEFEI: {
        "hefei_2025/rules/lead_legal_person": "gates/lead_legal_person",
        "hefei_2025/rules/lead_kind": "gates/lead_kind",
        "hefei_2025/rules/lead_rd": "gates/lead_rd",
        "hefei_2025/rules/lead_quality": "gates/lead_quality",
        "hefei_2025/rules/partners_min": "gates/partners_min",
        "hefei_2025/rules/small_firms": "gates/small_firms",
        "hefei_2025/rules/small_firms/share_min": "gates/small_firms_share",
        "hefei_2025/rules/research_partners": "gates/research_partners",
    },
    _WUHU: {
        "wuhu_2024/rules/lead_registered": "gates/lead_registered",
        "wuhu_2024/rules/lead_rd": "gates/lead_rd",
        "wuhu_2024/rules/form": "gates/form",
    },
    _DELTA: {
        "yangtze_delta_2025/rules/lead_kind": "gates/lead_kind",
        "yangtze_delta_2025/rules/form": "gates/form",
    },
    _HUBEI: {
        "hubei_2022/rules/lead_kind": "gates/lead_kind",
        "hubei_2022/rules/rest": "gates/rest",
    },
    _HAINAN: {
        "hainan_2022/rules/lead_kind": "gates/lead_kind",
        "hainan_2022/rules/target": "definitions/target",
        "hainan_2022/rules/rest": "gates/rest",
    },
}
_CLAUSES = ("goals_and_task_split", "bodies", "funds", "ip", "diffusion")
_PROFILES = {
    _MOST: {
        "most_nkp/rules/bidder_registration_age": "definitions/bidder_registration_age",
        "most_nkp/rules/leader_age_degree_title": "definitions/leader_age_degree_title",
        "most_nkp/rules/need_final_user": "gates/final_user",
        "most_nkp/rules/clear_application_aim": "gates/application_aim",
        "most_nkp/rules/performance_pledge": "gates/performance_pledge",
    },
    _AI_2021: {
        "miit_ai_2021/rules/legal_person": "gates/legal_person",
        "miit_ai_2021/rules/projects_per_applicant_max": "gates/projects_per_applicant",
        "miit_ai_2021/rules/no_repeat_after_win": "gates/no_repeat",
        "miit_ai_2021/rules/via": "gates/via_province",
    },
    _FUTURE: {
        "miit_future_2023/rules/legal_person": "gates/legal_person",
        "miit_future_2023/rules/commits_to_deadline": "gates/commits_to_deadline",
        "miit_future_2023/rules/lead": "gates/lead",
        "miit_future_2023/rules/partners_max": "gates/partners_max",
    },
    _PLUS: {"miit_ai_plus_2025/rules/form": "gates/form"},
}
_POINTS = {
    "versions/1": "document",
    "versions/0": "definitions/issued",
    "stages/startup": "definitions/stage_startup",
    "stages/growth": "definitions/stage_growth",
    "stages/stable": "definitions/stage_stable",
    "stages/startup/threshold": "missing/threshold_startup",
    "stages/growth/threshold": "missing/threshold_growth",
    "stages/stable/threshold": "missing/threshold_stable",
    "peer_group/0": "peers",
    "peer_group/1": "definitions/fields_compared",
    "peer_group/1/full_list": "definitions/fields_list",
    "weights_by_stage": "weights",
    "total_points": "missing/total_points",
    "formula": "missing/formula",
    "local_extension/0": "definitions/local_extension",
    "local_extension/1": "definitions/local_extension",
    "local_extension/2": "definitions/local_extension",
    "demo_scoring/transform": "definitions/transform",
    "demo_scoring/weights": "definitions/demo_weights",
    "demo_scoring/quantiles": "peers",
    "demo_scoring/small_group": "peers",
    "demo_scoring/missing_value": "definitions/missing_value",
}
_FRAME = {
    "versions/v2": "points",
    "versions/v2/categories/input": "definitions/category_input",
    "versions/v2/categories/output": "definitions/category_output",
    "versions/v2/categories/development": "definitions/category_development",
    "versions/v2/categories/influence": "groups/influence",
    "versions/v2/indicator_names": "missing/indicator_names",
    "versions/v2/weights": "missing/weights",
}
_HIGH_TECH = {
    "definitions/ip_class1": "definitions/ip_class1_kinds",
    "definitions/ip_class2": "definitions/ip_class2_kinds",
    "definitions/tech_staff_days_min": "definitions/tech_staff_days",
    "definitions/outsourced_rd_counted_share": "definitions/outsourced_rd_share",
    "definitions/other_rd_cost_share_max": "definitions/other_rd_cost_share",
    "gates/rd_ratio_3y": "gates/rd_ratio",
    "pass/0": "conditions/total",
    "indicators/transformation/period": "definitions/transformation_period",
    "indicators/growth/special_cases/0": "definitions/growth_negative",
    "indicators/growth/special_cases/1": "definitions/growth_first_year_zero",
    "indicators/growth/special_cases/2": "definitions/growth_second_year_zero",
    "indicators/growth/special_cases/3": "definitions/growth_base_negative",
}
_GIANT = {"gates/innovative/any_of/direct_award/level": "definitions/direct_award_level"}
_SRDI = {
    "pass/0": "conditions/total",
    "indicators/main_revenue_growth_2y": "indicators/main_revenue_growth",
    "indicators/local_feature/content": "missing/local_feature_content",
}
_TECH = {"pass/0": "conditions/total", "pass/1": "conditions/staff_not_zero"}
_INNOVATIVE = {
    "pass/0": "conditions/total",
    "pass/1": "conditions/innovation",
    "pass/2": "conditions/growth",
    "pass/3": "conditions/specialisation",
}

ELSEWHERE: dict[tuple[str, str], tuple[str, str]] = {
    **{
        ("cn.consortium", f"profiles/{path}"): (key, place)
        for key, places in _CONSORTIA.items() for path, place in places.items()
    },
    **{
        ("cn.consortium", f"agreement_clauses/{clause}"): (_BAODING, f"gates/{clause}")
        for clause in _CLAUSES
    },
    **{
        ("cn.open_challenge", f"eligibility_profiles/{path}"): (key, place)
        for key, places in _PROFILES.items() for path, place in places.items()
    },
    **{("cn.innovation_points", path): ("cn.innovation_points@2.0", place)
       for path, place in _FRAME.items()},
    **{
        (draft, path): (PACKS[draft], place)
        for draft, places in (
            ("cn.innovation_points", _POINTS), ("cn.hte.2016", _HIGH_TECH),
            ("cn.little_giant.2022", _GIANT), ("cn.srdi_sme.2022", _SRDI),
            ("cn.tech_sme.2017", _TECH), ("cn.innovative_sme.2022", _INNOVATIVE),
        )
        for path, place in places.items()
    },
}  # fmt: skip
"""Draft and path to pack and path, where the two differ."""

_PROCESS = (
    *(f"roles/{role}" for role in (
        "owner", "bidder", "sponsor", "recommender", "expert", "final_user", "auditor",
    )),
    *(f"transitions/{step}" for step in range(18)),
    *(f"transitions/0/need/{need}" for need in (
        "title", "difficulties", "indicators", "research_content", "amount", "deadline",
    )),
    *(f"transitions/1/need/{need}" for need in (
        "credit_china_ok", "court_enforcement_ok", "enterprise_credit_publicity_ok",
    )),
    *(f"transitions/2/need/{need}" for need in ("form_review", "expert_opinion")),
    *(f"transitions/4/need/{need}" for need in (
        "deadline_date", "fixed_amount", "accept_conditions",
    )),
    *(f"transitions/6/need/{need}" for need in (
        "online_review", "panel_review", "conflict_of_interest_cleared",
    )),
    *(f"transitions/8/need/{need}" for need in (
        "shortlist_published", "public_notice", "objections_answered",
    )),
    *(f"transitions/9/need/{need}" for need in (
        "task_amount", "duration", "milestones", "performance_pledge", "ip_agreement",
    )),
    *(f"transitions/13/need/{need}" for need in (
        "original_records", "exploratory_high_risk_flag",
    )),
    *(f"transitions/15/need/{need}" for need in ("score_0_100", "level")),
    "transitions/16/need/transformation_record",
    *(f"parallel_awards/{part}{end}" for part in ("teams", "gate", "keep")
      for end in ("", "/official")),
    "funding/public_share_max", "funding/tranche_shares", "notice/public_notice_days",
    "notice/objection_days", "acceptance/acceptance_article",
    *(f"eligibility_profiles/most_nkp/rules/{rule}" for rule in (
        "amount", "budget", "spending", "milestones",
    )),
    *(f"eligibility_profiles/miit_ai_2018/rules/{rule}" for rule in (
        "topics", "shortlist_max_per_topic", "winners_max_per_topic", "review_steps",
    )),
    *(f"eligibility_profiles/miit_future_2023/rules/{rule}" for rule in (
        "per_direction_per_province_max", "per_pilot_zone_max",
    )),
)  # fmt: skip
_WHOLE_PROFILES = (
    *(("cn.open_challenge", f"eligibility_profiles/{name}") for name in (
        "most_nkp", "miit_ai_2018", "miit_ai_2021", "miit_future_2023", "miit_ai_plus_2025",
    )),
    *(("cn.consortium", f"profiles/{name}") for name in (
        "hefei_2025", "wuhu_2024", "yangtze_delta_2025", "hubei_2022", "hainan_2022",
    )),
)  # fmt: skip

NOT_ELIGIBILITY: frozenset[tuple[str, str]] = frozenset(
    {*(("cn.open_challenge", path) for path in _PROCESS), *_WHOLE_PROFILES}
)
"""What belongs to the process of a challenge, and the marks of whole profiles (a pack has none)."""
