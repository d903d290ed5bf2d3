"""The data model itself: complete, unambiguous, in both languages."""

from __future__ import annotations

import pytest

from jicheng.conform import POLARS_TYPES
from jicheng.schema import Kind, Status, choices, countries, plan_tables, zone_tables

TABLES = [*zone_tables().values(), *plan_tables().values()]
NAMES = [f"{kind}-{name}" for kind, tables in (("zone", zone_tables()), ("plan", plan_tables()))
         for name in tables]  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_key_columns_exist(table):
    assert set(table.key) <= set(table.names)
    assert all(table[name].kind in POLARS_TYPES for name in table.names)


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_everything_has_both_languages(table):
    texts = [
        table.label,
        table.help,
        *(text for a in table.attributes for text in (a.label, a.help)),
    ]
    assert all(text.zh and text.en for text in texts)


@pytest.mark.parametrize("table", zone_tables().values(), ids=list(zone_tables()))
def test_heading_means_one_column(table):
    for language in ("zh", "en"):
        labels = [a.label.in_language(language).lower() for a in table.attributes]
        assert len(set(labels)) == len(labels)
    for attribute in table.attributes:
        others = {a.name for a in table.attributes if a is not attribute}
        assert attribute.label.en.lower() not in others


@pytest.mark.parametrize("table", zone_tables().values(), ids=list(zone_tables()))
def test_references_and_choices_exist(table):
    for attribute in table.attributes:
        assert set(attribute.references) <= set(zone_tables())
        assert not attribute.choice or attribute.choice in choices()
        if attribute.kind is Kind.REFERENCE:
            assert attribute.references
        if attribute.kind is Kind.CHOICE:
            assert attribute.choice


@pytest.mark.parametrize("table", zone_tables().values(), ids=list(zone_tables()))
def test_required_columns_have_no_default_and_keys_of_one_column_are_ids(table):
    for attribute in table.attributes:
        assert attribute.status is Status.OPTIONAL or not attribute.default
    assert all(table[name].kind is Kind.ID for name in table.key if len(table.key) == 1)


def test_choices_are_unique_by_value_and_label():
    for values in choices().values():
        for forms in ([v.value for v in values], [v.label.zh for v in values],
                      [v.label.en for v in values]):  # fmt: skip
            assert len(set(forms)) == len(forms)


def test_countries_are_unique_by_every_form():
    forms = [
        form.lower()
        for c in countries().values()
        for form in {c.code, c.alpha2, c.name.zh, c.name.en, *c.also}
    ]
    assert len(countries()) == 249
    assert len(set(forms)) == len(forms)
