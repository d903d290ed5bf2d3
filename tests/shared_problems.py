"""Random small problems of shared organisations and money, for tests of column generation."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from jicheng.kernel.columns.problem import SharedProblem
from jicheng.kernel.team_problem import (
    TeamProblem,
    Ties,
    forbid_rule,
    least_rule,
    require_rule,
    small_rule,
)


def random_shared(seed, *, challenges=None, organisations=None, limit=4, is_easy=False):
    """Return a problem in which every rule is on or off at random.

    ``is_easy`` makes teams likely: no further rules, fewer needs, nothing mandatory.
    """
    draw = np.random.default_rng(seed)
    c = challenges or int(draw.integers(1, 5))
    o = organisations or int(draw.integers(3, 11))
    r = int(draw.integers(0, 4))
    p = int(draw.integers(1, 4))
    shared = _organisations(draw, o, p)
    chosen = [
        np.sort(draw.choice(o, int(draw.integers(max(1, o // 2), o + 1)), replace=False))
        for _ in range(c)
    ]
    teams = tuple(_team(draw, shared, who, limit, is_easy=is_easy) for who in chosen)
    member_use = draw.integers(0, 5, (o, r)) * 1.0
    floors = draw.random(r) < (0.0 if is_easy else 0.2)
    member_use[:, floors] = -1.0 * (member_use[:, floors] > 2)
    fixed_use = np.where(floors, 0.0, draw.integers(0, 3, (c, r)) * 1.0)
    limits = np.where(floors, -draw.integers(0, 3, r), draw.integers(3, 8 * c + 4, r) * 1.0)
    return SharedProblem(
        teams=teams,
        who=tuple(chosen),
        worth=draw.integers(0, 12, c) * 1.0,
        capacity=draw.choice([0.0, 1.0, 1.0, 2.0, 3.0], o),
        fixed_use=fixed_use,
        member_use=member_use,
        limits=limits * 1.0,
        mandatory=draw.random(c) < (0.0 if is_easy else 0.2),
        resource_names=tuple(f"resource {i}" for i in range(r)),
    )


def _organisations(draw, o, p):
    pairs = [pair for pair in combinations(range(o), 2) if draw.random() < 0.4]
    a, b = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    return {
        "ties": Ties(a, b, draw.integers(0, 4, len(pairs)) * 0.75),
        "distance": draw.integers(0, 5, (p, o)) * 0.4,
        "site": np.where(draw.random(o) < 0.5, draw.integers(0, p, o), -1),
        "price": draw.integers(0, 6, o) * 0.5,
        "is_research": draw.random(o) < 0.4,
        "is_small": draw.random(o) < 0.5,
    }


def _team(draw, shared, who, limit, *, is_easy):
    n, s = len(who), int(draw.integers(1, 3 if is_easy else 4))
    holds = draw.random((n, s)) < draw.uniform(0.4, 0.9)
    gain = np.where(holds, draw.integers(1, 7, (n, s)) * 1.0, 0.0)
    team = TeamProblem(
        gain=gain,
        holds=holds,
        price=shared["price"][who],
        distance=shared["distance"][:, who],
        lead_at=shared["site"][who],
        is_research=shared["is_research"][who],
        ties=shared["ties"].among(who, len(shared["price"])),
        fold=int(draw.integers(1, 3)),
        member_limit=int(draw.integers(1 if not is_easy else 3, limit + 1)),
        needs_research=bool(draw.random() < (0.0 if is_easy else 0.5)),
    )
    return team if is_easy else team.with_rules(*_rules(draw, shared["is_small"][who], n))


def _rules(draw, small, n):
    rules = [
        small_rule(small, float(draw.choice([0.25, 0.5]))),
        require_rule("required", n, int(draw.integers(n))),
        least_rule("outside", draw.random(n) < 0.5),
    ]
    if n > 1:
        rules.append(forbid_rule("forbidden", n, *draw.choice(n, 2, replace=False)))
    return [rule for rule in rules if draw.random() < 0.2]


def teams_of(team):
    """Yield every team of candidates that obeys the rules, with its value from its best lead."""
    for size in range(1, team.member_limit + 1):
        for members in combinations(range(team.n), size):
            value = value_of(team, members)
            if value is not None:
                yield members, value


def value_of(team, members):
    """Return the value of a team of candidates in plain arithmetic; None if it breaks a rule."""
    members = [int(i) for i in members]
    held = [sum(bool(team.holds[i, k]) for i in members) for k in range(team.n_needs)]
    leads = [int(team.lead_at[i]) for i in members if team.lead_at[i] >= 0]
    sums = [sum(float(w[i]) for i in members) for w in team.rule_weight]
    if (
        not 0 < len(set(members)) <= team.member_limit
        or len(set(members)) != len(members)
        or min(held, default=team.fold) < team.fold
        or not leads
        or (team.needs_research and not any(team.is_research[i] for i in members))
        or any(s < least - 1e-9 for s, least in zip(sums, team.rule_least, strict=True))
    ):
        return None
    value = -sum(float(team.price[i]) for i in members)
    for k in range(team.n_needs):
        value += sum(sorted((float(team.gain[i, k]) for i in members), reverse=True)[: team.fold])
    for a, b, points in zip(team.ties.a, team.ties.b, team.ties.points, strict=True):
        value += float(points) if a in members and b in members else 0.0
    return value - min(sum(float(team.distance[p, i]) for i in members) for p in leads)


def all_columns(problem):
    """Return every team of every challenge as challenge and organisations."""
    return [
        (c, problem.who[c][list(members)])
        for c, team in enumerate(problem.teams)
        for members, _ in teams_of(team)
    ]


def broken_rules(problem, plan, value):
    """Check a plan, challenge -> organisations, and its value; return what is wrong."""
    wrong, total = [], 0.0
    load = [0] * problem.n_organisations
    used = [0.0] * problem.n_resources
    for c, organisations in plan.items():
        place = {int(o): i for i, o in enumerate(problem.who[c])}
        if any(int(o) not in place for o in organisations):
            wrong.append(f"challenge {c}: a member is no candidate")
            continue
        points = value_of(problem.teams[c], [place[int(o)] for o in organisations])
        if points is None:
            wrong.append(f"challenge {c}: its team breaks a rule")
            continue
        total += points + float(problem.worth[c])
        for o in organisations:
            load[int(o)] += 1
        for r in range(problem.n_resources):
            used[r] += float(problem.fixed_use[c, r])
            used[r] += sum(float(problem.member_use[int(o), r]) for o in organisations)
    wrong += [f"organisation {o} is over" for o, n in enumerate(load) if n > problem.capacity[o]]
    for r, limit in enumerate(problem.limits):
        if used[r] > limit + 1e-6 * max(1.0, abs(limit)):
            wrong.append(f"resource {r}: {used[r]} of {limit}")
    for c in range(problem.n_challenges):
        if problem.mandatory[c] and c not in plan:
            wrong.append(f"challenge {c} is not staffed")
    if abs(total - value) > 1e-6 * max(1.0, abs(total)):
        wrong.append(f"its value is {total}, not {value}")
    return wrong


def plan_of(generation):
    """Return a plan as challenge -> organisations."""
    pool = generation.pool
    return {int(pool.challenge[j]): pool.members_of(j) for j in generation.chosen}


def best_plan_value(problem):
    """Return the value of the best plan by looking at all of them; None if there is none."""
    choices = []
    for c, team in enumerate(problem.teams):
        options = [] if problem.mandatory[c] else [(0.0, (), np.zeros(problem.n_resources))]
        for members, value in teams_of(team):
            who = problem.who[c][list(members)]
            use = problem.fixed_use[c] + problem.member_use[who].sum(axis=0)
            options.append((value + float(problem.worth[c]), tuple(who), use))
        choices.append(sorted(options, key=lambda option: -option[0]))
    most = [max((o[0] for o in options), default=-np.inf) for options in choices]
    best = [-np.inf]

    def look(c, value, load, used):
        if value + sum(most[c:]) <= best[0]:
            return
        if c == len(choices):
            if (used <= problem.limits + 1e-6 * np.maximum(1.0, np.abs(problem.limits))).all():
                best[0] = value
            return
        for points, who, use in choices[c]:
            if value + points + sum(most[c + 1 :]) <= best[0]:
                break
            if all(load[o] + 1 <= problem.capacity[o] for o in who):
                for o in who:
                    load[o] += 1
                look(c + 1, value + points, load, used + use)
                for o in who:
                    load[o] -= 1

    look(0, 0.0, np.zeros(problem.n_organisations), np.zeros(problem.n_resources))
    return None if best[0] == -np.inf else float(best[0])
