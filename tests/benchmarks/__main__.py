"""All benchmarks, or those that are named: python -m tests.benchmarks [NAME …] [--rows N] [--times N] [--large] [--write]."""

import argparse
import importlib
import signal
import sys

NAMES = ("rules", "lines", "starting", "workbooks", "templates", "calc", "live", "importing", "peers")
LARGE = "large"


def main(arguments: list[str]) -> int:
    """Run them one after the other; 1 where a goal was not reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Each figure is a ratio to a rival that is run beside it.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join((*NAMES, LARGE))}; all by default, {LARGE} only where it is asked for")
    parser.add_argument("--rows", type=int, default=0, help="another number of rows than the goal is set for")
    parser.add_argument("--times", type=int, default=0, help="how often each side runs")
    parser.add_argument("--large", action="store_true", help="ten million rows too, which takes half an hour, 10 GB of memory and 20 GB of disk")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - {*NAMES, LARGE}:
        parser.error(f"there is no benchmark {' and no '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and folders of ours go away with us
    reached = True
    for name in dict.fromkeys([*(chosen.names or NAMES), *([LARGE] if chosen.large else [])]):
        figures = importlib.import_module(f"tests.benchmarks.{name}").main(**_counts(chosen))
        reached &= all(figure.reached for figure in figures)
        if chosen.write:
            _written(figures)
    return int(not reached)


def _counts(chosen: argparse.Namespace) -> dict[str, int]:
    return {name: count for name in ("rows", "times") if (count := getattr(chosen, name))}


def _written(figures: list) -> None:
    from tests.benchmarks import page

    page.remember(figures)
    page.write()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
