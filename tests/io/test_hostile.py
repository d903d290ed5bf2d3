"""Whatever the bytes, a file is read or refused: nothing else is ever raised."""

from __future__ import annotations

import contextlib
import zipfile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import make_zone
from jicheng.errors import InvalidInput
from jicheng.io import excel, package
from workbooks import write_book

_TOKENS = st.sampled_from(
    [b",", b'"', b"\n", b"\r", b"\0", b"\xff", b"{}", b"null", b"=1", b"<c", b"</c>", b"<f>",
     b'r="ZZZ9"', b't="e"', b't="inlineStr"', b"&#0;", b"<!--", b"99999999999999999999"]
)  # fmt: skip
_EDITS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 12), _TOKENS | st.binary(max_size=4)),
    min_size=1,
    max_size=4,
)
_RANDOM = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def edited(data, edits):
    for position, n_cut, put in edits:
        start = position % (len(data) + 1)
        data = data[:start] + put + data[start + n_cut :]
    return data


def refusal(read, path):
    try:
        read(path, strict=False)
    except InvalidInput as error:
        return error.faults
    return ()


@_RANDOM
@given(edits=_EDITS, part=st.integers(0, 50), inside=st.booleans())
def test_damaged_workbook_is_read_or_refused(tmp_path, edits, part, inside):
    path = write_book(tmp_path / "b.xlsx", {"园区": [["编号", "名称", "面积"], ["s", "北区", 1]]})
    if inside:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = sorted(parts)[part % len(parts)]
        parts[name] = edited(parts[name], edits)
        with zipfile.ZipFile(path, "w") as archive:
            for other, data in parts.items():
                archive.writestr(other, data)
    else:
        path.write_bytes(edited(path.read_bytes(), edits))
    faults = refusal(excel.read, path)
    assert all(f.message.zh and f.hint.en for f in faults)
    with contextlib.suppress(InvalidInput):
        excel.annotate(path, faults, tmp_path / "copy.xlsx")


@_RANDOM
@given(edits=_EDITS, file=st.integers(0, 3), form=st.sampled_from(["csv", "parquet"]))
def test_damaged_package_is_read_or_refused(tmp_path_factory, edits, file, form):
    path = tmp_path_factory.mktemp("package") / "zone"
    package.write(make_zone(sites=[{"id": "s", "name": "北,区\n一"}]), path, form=form)
    target = sorted(path.iterdir())[file % 3]
    target.write_bytes(edited(target.read_bytes(), edits))
    faults = refusal(package.read, path)
    assert all(f.message.zh and f.hint.en for f in faults)
