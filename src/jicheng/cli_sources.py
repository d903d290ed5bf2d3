"""Commands for outside sources: import their files, fetch from their interfaces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jicheng.cli_output import example, print_faults, spinner, told_errors
from jicheng.errors import InvalidInput, Text

if TYPE_CHECKING:
    from jicheng.io.sources.reading import Keep
    from jicheng.io.sources.records import SourceRecords

__all__ = ["fetch", "importers"]

_SOURCES = {
    "openalex": Text("OpenAlex 论文、作者、机构", "OpenAlex works, authors, institutions"),
    "ror": Text("ROR 研究机构登记", "ROR research organisations"),
    "gleif": Text("GLEIF 法人与控股关系", "GLEIF legal entities and their parents"),
    "orcid": Text("ORCID 研究者", "ORCID persons and their works"),
    "cordis": Text("CORDIS 欧盟科研项目", "CORDIS projects of the European Union"),
}
_FILES = {
    "openalex": "works.jsonl.gz",
    "ror": "ror-data.zip",
    "gleif": "lei2.csv.zip rr.csv.zip",
    "orcid": "0000-0002-1825-0097.json",
    "cordis": "cordis-HORIZONprojects-csv.zip",
}
_FETCHED = ("openalex", "ror", "gleif", "orcid")
_out = click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True,
    help="记录文件夹 / folder of records to write",
)  # fmt: skip
_replace = click.option("--replace", is_flag=True, help="覆盖已有目标 / replace an existing target")
_retrieved = click.option(
    "--retrieved", type=click.DateTime(["%Y-%m-%d"]),
    help="从来源取得文件的日期，不写则留空 / day on which the files were got; empty if not given",
)  # fmt: skip
_query = click.option(
    "--query", default="", help="当时的检索条件，随每行保存 / what was asked for; kept in every row"
)


def _source_command(name: str, title: Text) -> click.Command:
    @click.command(
        name,
        help=f"导入 {title.zh} / import {title.en}.",
        epilog=example(f"jicheng import {name} {_FILES[name]} -o records --country CHN"),
    )
    @click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
    @_out
    @click.option(
        "--country",
        "countries",
        multiple=True,
        help="只取这些国家（可多次） / only these countries (may be repeated)",
    )
    @_retrieved
    @_query
    @_replace
    def command(
        files: tuple[Path, ...],
        out: Path,
        countries: tuple[str, ...],
        retrieved: object,
        query: str,
        *,
        replace: bool,
    ) -> None:
        _import(name, files, out, countries, retrieved, query, replace=replace)

    return command  # fmt: skip


@click.command("plugin", epilog=example("jicheng import plugin names list.txt -o records"))
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_out
@_retrieved
@_query
@_replace
def plugin(
    source: str,
    files: tuple[Path, ...],
    out: Path,
    retrieved: object,
    query: str,
    *,
    replace: bool,
) -> None:
    """用已安装的插件导入 / import with a plug-in that is installed."""
    _import(source, files, out, (), retrieved, query, replace=replace)


@click.command(
    "package",
    epilog=example("jicheng import package their-package -o records --mapping mapping.toml"),
)
@click.argument("path", type=click.Path(path_type=Path))
@_out
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    help="资源与列的对照文件（TOML） / TOML file: which resource is which table",
)
@_retrieved
@_query
@_replace
def package(
    path: Path, out: Path, mapping: Path | None, retrieved: object, query: str, *, replace: bool
) -> None:
    """导入 Frictionless 数据包 / import a Frictionless data package."""
    from jicheng.io.sources.package import read, read_mapping

    with told_errors():
        _check_target(out, replace=replace)
        asked = read_mapping(mapping) if mapping else None
        with spinner(f"读取 / reading {path}"):
            made = read(path, mapping=asked, retrieved=_day(retrieved), query=query)
        _write(made, out)


importers = (
    *(_source_command(name, title) for name, title in _SOURCES.items()),
    package,
    plugin,
)


@click.command(
    epilog=example(
        'jicheng fetch openalex --query "KrF photoresist" -o records',
        "jicheng fetch openalex --filter institutions.country_code:cn -o records",
        'jicheng fetch gleif --query "光电" --filter entity.legalAddress.country=CN -o records',
        'jicheng fetch openalex --query "KrF photoresist" -o records --resume',
    )
)
@click.argument("source", type=click.Choice(_FETCHED))
@click.option("--query", default="", help="检索词；ORCID 也可为编号 / words; for ORCID also iDs")
@click.option(
    "--filter",
    "narrowed",
    default="",
    help="来源自己的筛选写法 / a filter in the source's own words",
)
@click.option(
    "--entity",
    type=click.Choice(["works", "authors", "institutions"]),
    default="works",
    show_default=True,
    help="OpenAlex 的对象 / what OpenAlex is asked for",
)
@click.option(
    "--pages",
    type=click.IntRange(1, 10_000),
    default=10,
    show_default=True,
    help="本次最多取多少页 / pages to fetch this time at most",
)
@_out
@click.option("--resume", is_flag=True, help="从上次停下处继续 / go on where it stopped")
def fetch(
    source: str, query: str, narrowed: str, entity: str, pages: int, out: Path, *, resume: bool
) -> None:
    """从来源的接口取数（需要网络） / fetch from the interface of a source (needs a network).

    原始回应保存在“输出目录.raw”；密钥与联系邮箱取自环境变量 OPENALEX_API_KEY、
    ROR_CLIENT_ID、ORCID_TOKEN、JICHENG_CONTACT，不会被保存或显示。

    Answers are kept as they come beside the folder, in OUT.raw; keys and the address of
    mail come from these environment variables and are never stored or shown.
    """  # fmt: skip
    from jicheng.io.sources import SOURCES
    from jicheng.io.sources.fetching import PageStore, records_of
    from jicheng.io.sources.fetching import fetch as fetch_pages
    from jicheng.io.sources.sites import INTERFACES, Ask

    ask = Ask(source, query, narrowed, entity if source == "openalex" else "works")
    store = PageStore(out.with_name(f"{out.name}.raw"))
    with told_errors():
        _check_target(out, replace=resume)
        with spinner(f"取数 / fetching {source}"):
            found = fetch_pages(INTERFACES[source], ask, store, most_pages=pages, resume=resume)
        _write(records_of(SOURCES[source], ask, store), out)
    print_faults(found.warnings)
    click.echo(f"页 / pages {found.n_pages}（新 / new {found.n_new}）: {store.folder}")
    if not found.is_complete:
        click.echo("尚有后续页，加 --resume 继续 / there are more: go on with --resume")


def _import(
    name: str,
    files: tuple[Path, ...],
    out: Path,
    countries: tuple[str, ...],
    retrieved: object,
    query: str,
    *,
    replace: bool,
) -> None:
    from jicheng.io.sources import import_files, sources

    with told_errors():
        _check_target(out, replace=replace)
        known = sources()
        if name not in known:
            raise InvalidInput.of("E088", columns=name, known=", ".join(known))
        with spinner(f"读取 / reading {name}"):
            made = import_files(
                known[name], files, keep=_keep(countries), retrieved=_day(retrieved), query=query
            )
        _write(made, out)


def _keep(countries: tuple[str, ...]) -> Keep:
    from jicheng.cells import country_code
    from jicheng.io.sources.reading import Keep

    found = {name: country_code(name) for name in countries}
    wrong = [name for name, code in found.items() if code is None]
    if wrong:
        kind = Text("国家", "a country")
        raise InvalidInput.of("E102", value=wrong[0], type=kind, example="CHN / 中国 / China")
    return Keep(frozenset(code for code in found.values() if code))


def _day(retrieved: object) -> str:
    return str(retrieved)[:10] if retrieved else ""


def _check_target(out: Path, *, replace: bool) -> None:
    if out.exists() and not replace:
        raise InvalidInput.of("E606", path=out)


def _write(made: SourceRecords, out: Path) -> None:
    from jicheng.io.sources.folder import write_folder

    write_folder(made, out)
    print_faults(made.warnings)
    tables = {**made.as_tables(), **made.tables}
    counts = "  ".join(f"{name} {frame.height:,}" for name, frame in tables.items() if frame.height)
    click.echo(f"{out}: {counts or '没有记录 / no records'}")
    click.echo(f"来源 / source: {made.source}")
    click.echo(f"下一步 / next: jicheng resolve {out} -o my-zone")
