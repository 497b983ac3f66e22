"""All benchmarks, or those that are named: python -m tests.benchmarks [NAME …] [--rows N] [--times N] [--large]."""

import argparse
import importlib
import sys

NAMES = ("rules", "importing", "starting", "peers")


def main(arguments: list[str]) -> int:
    """Run them one after the other; 1 where a goal was not reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Each figure is a ratio to a rival that is run beside it.")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="which; all by default")
    parser.add_argument("--rows", type=int, default=0, help="another number of rows than the goal is set for")
    parser.add_argument("--times", type=int, default=0, help="how often each side runs")
    chosen = parser.parse_args(arguments)
    counts = {"rows": chosen.rows} | ({"times": chosen.times} if chosen.times else {})
    figures = []
    for name in chosen.names or NAMES:
        figures += importlib.import_module(f"tests.benchmarks.{name}").main(**counts)
    return int(not all(figure.reached for figure in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
