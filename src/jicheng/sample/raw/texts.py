"""Patents, papers and projects of the made-up zone: who has how many, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jicheng.sample.raw.bodies import Body, person_names, rows_of

__all__ = ["Paper", "Patent", "Project", "papers", "patents", "projects", "staff_of"]

_STAFF = 6
_EN_EVERY = 3  # of a firm's patents for one capability, the third is in English where it can
_PATENTS = {"firm": 3, "outside": 2, "university": 2, "institute": 2}


@dataclass(frozen=True, slots=True)
class Patent:
    """A patent: whom it is by, and what it says."""

    number: str
    title: str
    abstract: str
    applicants: tuple[Body, ...]
    inventors: tuple[str, ...]
    ipc: str
    year: int
    capability: str
    is_english: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper."""

    title: str
    abstract: str
    body: Body
    authors: tuple[str, ...]
    year: int
    capability: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project with its partner, if any."""

    number: str
    title: str
    body: str
    owner: Body
    partner: Body | None
    leader: str
    year: int
    funding: int
    capability: str


def staff_of(bodies: Sequence[Body]) -> dict[str, tuple[str, ...]]:
    """Return the inventors of each body; one name occurs in two bodies."""
    names = person_names()
    made = {
        body.key: names[100 + k * _STAFF : 100 + (k + 1) * _STAFF] for k, body in enumerate(bodies)
    }
    shared = made["lantu"][0]
    made["jingwei"] = (shared, *made["jingwei"][1:])
    return made


def patents(bodies: Sequence[Body]) -> list[Patent]:
    """Return the patents of all bodies, capability by capability, then those about nothing."""
    staff = staff_of(bodies)
    used: Counter[str] = Counter()
    made: list[Patent] = []
    words = {row["capability"]: row for row in rows_of("capability_texts")}
    for body, capability, n in _shares(bodies):
        row = words[capability]
        for k in range(n):
            turn = used[capability]
            used[capability] += 1
            english = k % _EN_EVERY == 2 and bool(row["title_en"]) and bool(body.name_en)
            title, abstract = _said(row, turn, is_english=english)
            partner = _partner(bodies, body, capability) if k == 1 else None
            made.append(
                Patent(
                    number=_number(len(made)),
                    title=title,
                    abstract=abstract,
                    applicants=(body, partner) if partner else (body,),
                    inventors=tuple(staff[body.key][(turn + j) % _STAFF] for j in range(3)),
                    ipc=row["ipc"],
                    year=2019 + (turn + k) % 6,
                    capability=capability,
                    is_english=english,
                )
            )
    return made


def _shares(bodies: Sequence[Body]) -> Iterator[tuple[Body, str, int]]:
    for body in bodies:
        for capability in body.main:
            yield body, capability, _PATENTS[body.kind]
        for capability in body.also:
            yield body, capability, 1


def _said(row: Mapping[str, str], turn: int, *, is_english: bool) -> tuple[str, str]:
    if is_english:
        return row["title_en"], row["abstract_en"]
    title = row[f"title_{turn % 3 + 1}"]
    if turn >= 3:  # a later patent on the same matter
        title = f"改进的{title.removeprefix('一种')}"
    if turn >= 6:
        title = f"{title}及其应用" if "应用" not in title else f"{title}（二）"
    first, second = row[f"means_{turn % 3 + 1}"], row[f"means_{(turn + 1) % 3 + 1}"]
    return title, f"本发明公开了{title}。{first}；{second}。{row['effect']}。"


def _partner(bodies: Sequence[Body], body: Body, capability: str) -> Body | None:
    """Return an institute that works on the same: they file together."""
    if body.kind != "firm":
        return None
    return next(
        (other for other in bodies
         if other.kind in ("university", "institute") and capability in other.main),
        None,
    )  # fmt: skip


def _number(k: int) -> str:
    """Return a made-up application number with its check digit (weights 2 to 9)."""
    digits = f"{2019 + k % 6}1{9_000_000 + 613 * k:07d}"
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    check = sum(int(one) * w for one, w in zip(digits, weights, strict=True)) % 11
    return f"CN{digits}.{'X' if check == 10 else check}"


def papers(bodies: Sequence[Body]) -> list[Paper]:
    """Return the papers of institutes and universities."""
    staff = staff_of(bodies)
    used: Counter[str] = Counter()
    words = {row["capability"]: row for row in rows_of("capability_texts")}
    made: list[Paper] = []
    for body in bodies:
        if body.kind not in ("university", "institute"):
            continue
        for capability in (*body.main, *body.also):
            row, turn = words[capability], used[capability]
            used[capability] += 1
            title = row["paper"] if not turn else f"{row['paper']}的进一步研究"
            made.append(
                Paper(
                    title=title,
                    abstract=f"{row['paper_abstract']}。",
                    body=body,
                    authors=tuple(staff[body.key][(turn + j) % _STAFF] for j in range(4)),
                    year=2020 + (len(made) % 6),
                    capability=capability,
                )
            )
    return made


def projects(bodies: Sequence[Body]) -> list[Project]:
    """Return the projects of firms; every second one has an institute as partner."""
    staff = staff_of(bodies)
    used: Counter[str] = Counter()
    words = {row["capability"]: row for row in rows_of("capability_texts")}
    made: list[Project] = []
    for body in bodies:
        if body.kind != "firm":
            continue
        for capability in (*body.main, *body.also):
            row, turn = words[capability], used[capability]
            used[capability] += 1
            suffix = "" if not turn else "（二期）"
            made.append(
                Project(
                    number=f"SL2025-{len(made) + 1:03d}",
                    title=f"{row['project']}{suffix}",
                    body=f"{row['project_body']}。",
                    owner=body,
                    partner=_partner(bodies, body, capability),
                    leader=staff[body.key][0],
                    year=2021 + len(made) % 5,
                    funding=120 + 35 * (len(made) % 9),
                    capability=capability,
                )
            )
    return made
