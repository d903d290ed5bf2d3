"""JSON of any shape, made of the words that importers look for: read, left out or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.io.sources import import_files, sources
from jicheng.io.sources.records import SourceRecords

RECORDINGS = Path(__file__).parent / "recordings"
FILES = {
    "openalex": "openalex/works.json",
    "ror": "ror/version-2.json",
    "gleif": "gleif/interface.json",
    "orcid": "orcid/record.json",
}
STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["=1+1", "\ud800", "\x1b[2J", "2026-02-30", "https://ror.org/", "CN", ";;"]),
    st.just([]),
    st.just({}),
    st.just([None, [], {}, "x"]),
)


def places_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path to every part of a document."""
    keys: Any = ()
    if isinstance(value, dict):
        keys = value.keys()
    elif isinstance(value, list):
        keys = range(len(value))
    return [path, *(place for key in keys for place in places_of(value[key], (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], to: Any) -> Any:
    if not path:
        return to
    made = dict(value) if isinstance(value, dict) else list(value)
    made[path[0]] = changed(value[path[0]], path[1:], to)
    return made


def imported(source: str, file: Path) -> SourceRecords | None:
    """Import a file; None if it is no list of objects, which is the only refusal."""
    try:
        return import_files(sources()[source], [file], retrieved="2026-11-24")
    except InvalidInput as error:
        if error.code != "E081":
            raise
        return None


@pytest.mark.parametrize("source", FILES)
@settings(deadline=None, max_examples=10,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(data=st.data())
def test_any_part_may_be_anything(source: str, tmp_path: Path, data: st.DataObject) -> None:
    document = json.loads((RECORDINGS / FILES[source]).read_text("utf-8"))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from(places_of(document)))
        document = changed(document, place, data.draw(STRANGE))
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(document), "utf-8")
    made = imported(source, file)
    for frame in made.as_tables().values() if made else ():
        assert not any(text.startswith(("=", "\x1b")) for column in frame.get_columns()
                       for text in column.drop_nulls())  # fmt: skip
        assert frame["source"].null_count() == 0
