"""Run benchmarks: ``python -m bench [name ...] [--quick]``."""

from __future__ import annotations

import argparse

from bench.registry import benchmarks, machine


def main() -> None:
    known = benchmarks()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="default: all of them")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in known]
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are {', '.join(known)}")
    show("machine", machine())
    for name in chosen.names or known:
        print(f"\n{known[name].about}")
        show(name, known[name].run(chosen.quick))


def show(title: str, figures: dict[str, object]) -> None:
    print(title)
    width = max(map(len, figures), default=0)
    for label, figure in figures.items():
        print(f"  {label:{width}}  {figure}")


if __name__ == "__main__":
    main()
