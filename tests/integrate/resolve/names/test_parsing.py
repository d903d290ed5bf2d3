from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.integrate.resolve.names import NameParts, keys, name_keys, parse_name, script
from jicheng.integrate.resolve.names.keys import sound_of
from jicheng.integrate.resolve.names.script import plain_name
from jicheng.integrate.resolve.names.vocabulary import industries, legal_forms, regions

CITIES = [one for one in regions() if one.level == "city" and one.parent]
BRANDS = st.text("翊图禾川帆辰序维构岳璞聿澜瀚晟泓昱璟岚霁沐铭衡朔曜", min_size=2, max_size=3)
WORDS = st.sampled_from(sorted(industries()))
FORMS = st.sampled_from([form for form in legal_forms() if form.endswith("有限公司")])


def said(text: str) -> tuple[str, str, str, str, str]:
    parts = parse_name(text)
    return parts.region, parts.brand, parts.industry, parts.unit, parts.kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("广州翊图智能科技有限公司", ("广州", "翊图", "智能科技", "", "firm")),
        ("翊图智能科技（广州）有限公司", ("广州", "翊图", "智能科技", "", "firm")),
        ("廣東省廣州市翊圖智能科技有限公司", ("广州", "翊图", "智能科技", "", "firm")),
        ("广州市黄埔区翊图新材料股份有限公司", ("广州", "翊图", "新材料", "", "firm")),
        ("翊图智能", ("", "翊图", "智能", "", "")),
        ("ＫＵＫＡ机器人（广东）有限公司", ("广东", "kuka", "机器人", "", "firm")),
        ("翊图（深圳）投资合伙企业（有限合伙）", ("深圳", "翊图", "投资", "", "firm")),
        ("清华大学", ("", "清华大学", "", "", "university")),
        ("中山大学", ("", "中山大学", "", "", "university")),
        ("北京大学深圳研究生院", ("", "北京大学", "", "深圳研究生院", "institute")),
        ("中国科学院广州能源研究所", ("", "中国科学院", "", "广州能源研究所", "institute")),
        ("翊图有限公司深圳分公司", ("", "翊图", "", "深圳分公司", "branch")),
        ("深圳翊图材料有限公司广州研发中心", ("深圳", "翊图", "材料", "广州研发中心", "institute")),
        ("广州翊图研究院有限公司", ("广州", "翊图研究院", "", "", "firm")),
        (
            "Guangzhou Yitu Intelligent Technology Co., Ltd.",
            ("广州", "yitu", "智能科技", "", "firm"),
        ),
        ("Yitu Technology (Guangzhou) Inc", ("广州", "yitu", "科技", "", "firm")),
        ("GUANG ZHOU YI TU KE JI YOU XIAN GONG SI", ("广州", "yitu", "科技", "", "firm")),
        ("ASML Holding N.V.", ("", "asml", "", "", "firm")),
        ("", ("", "", "", "", "")),
    ],
)
def test_name_is_parted(name: str, expected: tuple[str, ...]) -> None:
    assert said(name) == expected


def test_former_name_in_brackets_is_kept_apart() -> None:
    parts = parse_name("翊图有限公司（曾用名：昱图有限公司）")
    assert (parts.brand, parts.former) == ("翊图", "昱图有限公司")


TRADITIONAL = "廣東億航智能技術有限公司 蘇州雲龍電氣設備有限公司 瀋陽華藥機械廠"
SIMPLIFIED = "广东亿航智能技术有限公司苏州云龙电气设备有限公司沈阳华药机械厂"


def test_traditional_characters_become_simplified() -> None:
    assert plain_name(TRADITIONAL) == SIMPLIFIED


@pytest.fixture
def bare_install(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run without opencc and pypinyin, as in an install without the extra."""
    caches = (script._to_simplified, keys._pinyin_table)
    for name in ("opencc", "pypinyin"):
        monkeypatch.setitem(sys.modules, name, None)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.usefixtures("bare_install")
def test_frequent_traditional_characters_become_simplified_without_opencc() -> None:
    assert plain_name(TRADITIONAL) == SIMPLIFIED


@pytest.mark.usefixtures("bare_install")
def test_brand_has_no_sound_without_pypinyin() -> None:
    assert (sound_of("翊图"), sound_of("asml")) == ("", "asml")


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(CITIES), BRANDS, WORDS, FORMS)
def test_spellings_of_a_firm_have_one_core(city, brand: str, word: str, form: str) -> None:
    plain = parse_name(city.name + brand + word + form)
    for spelling in (
        f"{city.name}市{brand}{word}{form}",
        f"{brand}{word}（{city.name}）{form}",
        f"{brand}（{city.name}）{word}{form}",
        f"{brand}{word}{form}",
        f"{brand}{word}",
        f" {city.name} {brand}{word}{form} ",
    ):
        assert parse_name(spelling).core == plain.core
    assert plain.region == city.name


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(CITIES), BRANDS, WORDS, FORMS, st.sampled_from(CITIES))
def test_branch_never_has_the_core_of_its_firm(city, brand, word, form, other) -> None:
    firm = city.name + brand + word + form
    branch = parse_name(f"{firm}{other.name}分公司")
    assert branch.core.split("|")[0] == parse_name(firm).core
    assert branch.unit == f"{other.name}分公司"


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=40))
def test_any_text_is_parted_without_failing(text: str) -> None:
    parts = parse_name(text)
    assert isinstance(parts, NameParts)
    assert parse_name(text) == parts


def test_keys_say_null_where_a_name_says_nothing() -> None:
    import polars as pl

    found = name_keys(pl.Series(["广州翊图科技有限公司", "", None]))
    assert found["core"].to_list() == ["翊图科技", None, None]
    assert found["sound"].to_list() == ["yitu", None, None]


def test_sound_of_latin_brand_is_its_letters() -> None:
    assert sound_of("asml3") == "asml3"
