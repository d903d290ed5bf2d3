"""The stored pool: what is read back is what was packed, and nothing else is taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from integrate.shared.shared_zone import conflict, random_shared_rows, zone_and_challenges
from jicheng.errors import InvalidInput
from jicheng.integrate.consortia import consortia_of
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.shared.locks import Locks
from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.shared.stored import (
    COLUMNS,
    RECORD,
    Stamp,
    packed,
    read_files,
    unpacked,
    write_files,
)

SETTINGS = ConsortiumSettings()


def staffed(rows, settings=SETTINGS):
    zone, challenges = zone_and_challenges(rows)
    staffing = Staffing.of(zone, challenges, settings)
    return zone, challenges, staffing, Stamp.of(zone.content_hash, {"a": 1}, challenges)


def test_round_trip_gives_the_same_tables_and_answers():
    for rows in (conflict(), conflict(3), random_shared_rows(4), random_shared_rows(17)):
        zone, challenges, staffing, stamp = staffed(rows)
        again = unpacked(packed(staffing, stamp), stamp, zone, challenges, SETTINGS)
        one, other = consortia_of(staffing), consortia_of(again)
        assert one.consortia.equals(other.consortia)
        assert one.members.equals(other.members)
        assert one.coverage.equals(other.coverage)
        assert again.bound == staffing.bound
        assert again.value == staffing.value
        assert np.array_equal(again.prices.organisations, staffing.prices.organisations)
        assert packed(again, stamp) == packed(staffing, stamp)


def test_locks_of_the_settings_are_read_back():
    settings = ConsortiumSettings(locks=Locks(lock_out=(("*", "org:lab"),)))
    zone, challenges, staffing, stamp = staffed(conflict(), settings)
    again = unpacked(packed(staffing, stamp), stamp, zone, challenges, settings)
    assert again.locks == settings.locks
    assert consortia_of(again).members.equals(consortia_of(staffing).members)


def test_a_what_if_on_what_was_read_back_is_the_same():
    zone, challenges, staffing, stamp = staffed(conflict())
    again = unpacked(packed(staffing, stamp), stamp, zone, challenges, SETTINGS)
    locks = Locks(lock_out=(("chal:c0", "org:lab"),))
    assert again.asked(locks).members("chal:c1") == staffing.asked(locks).members("chal:c1")


def test_a_pool_of_another_snapshot_is_refused():
    zone, challenges, staffing, stamp = staffed(conflict())
    with pytest.raises(InvalidInput) as refused:
        unpacked(packed(staffing, stamp), Stamp("0" * 64, stamp.rules), zone, challenges, SETTINGS)
    assert [one.code for one in refused.value.faults] == ["E355"]


def test_a_pool_of_other_settings_or_challenges_is_refused():
    zone, challenges, staffing, stamp = staffed(conflict())
    files = packed(staffing, stamp)
    for other in (
        Stamp.of(zone.content_hash, {"a": 2}, challenges),
        Stamp.of(zone.content_hash, {"a": 1}, challenges.head(1)),
    ):
        with pytest.raises(InvalidInput) as refused:
            unpacked(files, other, zone, challenges, SETTINGS)
        assert [one.code for one in refused.value.faults] == ["E356"]


@pytest.mark.parametrize("name", [COLUMNS, RECORD])
def test_a_broken_file_is_told(name):
    zone, challenges, staffing, stamp = staffed(conflict())
    files = packed(staffing, stamp) | {name: b"PK\x03\x04 no such thing"}
    with pytest.raises(InvalidInput) as refused:
        unpacked(files, stamp, zone, challenges, SETTINGS)
    assert [one.code for one in refused.value.faults] == ["E354"]


def test_files_are_written_whole(tmp_path):
    files = {COLUMNS: b"columns", RECORD: b"record"}
    write_files(tmp_path / "pool", files)
    assert read_files(tmp_path / "pool") == files
    assert sorted(file.name for file in (tmp_path / "pool").iterdir()) == [COLUMNS, RECORD]


def test_an_absent_pool_is_told(tmp_path):
    with pytest.raises(InvalidInput) as refused:
        read_files(tmp_path / "pool")
    assert [one.code for one in refused.value.faults] == ["E354"]
