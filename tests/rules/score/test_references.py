from __future__ import annotations

from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.pack.expressions import facts_needed
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.references import References
from score_builders import pack_of

OPTIONS = """
indicators:
  - id: o
    max: 8
    combine: {combine}
    status: verified
    options:
      - {{id: x, max: 8, status: verified, formula: ip_class1}}
      - {{id: y, max: 8, status: verified, formula: ip_class2}}
"""


def asked(pack: Pack, *, with_judgements: bool = False) -> list[str]:
    dictionary = fact_dictionary()
    if with_judgements:
        needed = facts_needed(pack, dictionary)
        dictionary = dictionary.with_facts(f for f in needed if f.name not in dictionary)
    return [str(name) for name in References(pack, dictionary).of_pack()]


def test_applicant_chooses_where_the_pack_says_so() -> None:
    assert "chosen.t.test.o" in asked(pack_of(OPTIONS.format(combine="choose_one")))
    assert asked(pack_of(OPTIONS.format(combine="max"))) == ["ip_class1", "ip_class2"]


def test_facts_that_follow_from_others_are_taken_apart_in_their_year() -> None:
    pack = pack_of('gates: [{id: g, status: verified, when: "net_assets[-1] >= 1"}]')
    assert asked(pack) == ["assets_total[-1]", "liabilities[-1]"]


def test_definitions_are_taken_apart_and_lists_left_out() -> None:
    pack = pack_of("""
definitions:
  - {id: fields, status: verified, choices: [x]}
  - {id: least, status: verified, of: staff_total, bands: [{otherwise: true, value: 1}]}
  - {id: share, status: verified, value: tech_staff / staff_total}
  - {id: unused, status: verified, value: revenue}
gates:
  - {id: g, status: verified, when: "tech_field in fields and share >= least"}
""")
    assert asked(pack) == ["tech_field", "tech_staff", "staff_total"]


def test_results_are_no_facts() -> None:
    pack = pack_of("""
indicators: [{id: a, max: 9, status: verified, formula: staff_total}]
pass: [{id: p, status: verified, when: "score >= 1 and indicator.a > 0"}]
""")
    assert asked(pack) == ["staff_total"]


def test_experts_are_asked_where_points_stay_open() -> None:
    pack = pack_of("""
indicators:
  - {id: a, max: 6, status: verified, judged: {yes: 6, no: 0}}
  - {id: b, max: 6, status: verified, of: staff_total, bands: [{otherwise: true, points: [1, 6]}]}
  - {id: c, max: 6, status: verified, of: staff_total, bands: [{otherwise: true, points: 6}]}
""")
    told = asked(pack, with_judgements=True)
    assert told == ["judged.t.test.a", "staff_total", "judged.t.test.b"]
