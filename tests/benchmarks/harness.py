"""Two sides of one piece of work, each run in fresh processes, in turn, and told as a ratio of their best runs.

A side is a function `module:name` that takes keyword arguments, makes everything ready (imports, files, a warm-up on a small file)
and returns what is to be timed: a function without arguments, whose answer is kept: JSON, None, or a function that finds it afterwards.
Measured are wall seconds, CPU seconds of the process and of the children it waited for, and the peak of its resident memory from the
start of the timed part on.
"""

import dataclasses
import gc
import importlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_MARK = "measured: "


@dataclass(frozen=True)
class Side:
    """One contestant: `case` is `module:name` under tests.benchmarks, `arguments` go to it, and what `each` makes for each run.

    A slow rival whose time grows with the rows runs a `share` of them, and its seconds are divided by that share.
    """

    case: str
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    share: float = 1.0
    each: Callable[[], Mapping[str, Any]] = dict


@dataclass(frozen=True)
class Run:
    """One measured run: seconds, and megabytes of resident memory at the peak; `children` is the largest child's."""

    wall: float
    cpu: float
    peak: float
    children: float
    answer: Any = None

    def scaled(self, share: float) -> "Run":
        return dataclasses.replace(self, wall=self.wall / share, cpu=self.cpu / share)


@dataclass(frozen=True)
class Figure:
    """One line: what was done, the best runs of both sides, and the goal for the ratio.

    `faster`: the goal says how many times faster we are at least (rival/ours); otherwise how many times as long we may take.
    `elsewhere`: a server does part of the work, whose processor time is not ours to see. `points`: for a plot, (rows, microseconds a row).
    """

    name: str
    work: str
    rival: str
    goal: float
    ours: Run
    theirs: Run
    faster: bool = False
    note: str = ""
    elsewhere: bool = False
    points: tuple[tuple[int, float], ...] = ()

    @property
    def ratio(self) -> float:
        return self.theirs.wall / self.ours.wall if self.faster else self.ours.wall / self.theirs.wall

    @property
    def cpu_ratio(self) -> float:
        return self.theirs.cpu / self.ours.cpu if self.faster else self.ours.cpu / self.theirs.cpu

    @property
    def reached(self) -> bool:
        return self.ratio >= self.goal if self.faster else self.ratio <= self.goal

    def __str__(self) -> str:
        sign = "≥" if self.faster else "≤"
        seconds = f"ours {self.ours.wall:.3f} s, {self.rival} {self.theirs.wall:.3f} s"
        ratios = f"{self.ratio:.2f}×" + ("" if self.elsewhere else f" (CPU {self.cpu_ratio:.2f}×)")
        memory = f"peak {self.ours.peak:,.0f} MB" + (f" + {self.ours.children:,.0f} MB" if self.ours.children else "")
        return f"{self.work}: {seconds}: {ratios}, goal {sign} {self.goal:g}×: {'reached' if self.reached else 'NOT REACHED'}; {memory}" + (f"; {self.note}" if self.note else "")


@dataclass(frozen=True)
class Limit:
    """A figure of ours alone that has a limit of its own, such as a peak of memory."""

    name: str
    work: str
    value: float
    limit: float
    unit: str

    @property
    def reached(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        return f"{self.work}: {self.value:,.0f} {self.unit}, limit {self.limit:,.0f} {self.unit}: {'reached' if self.reached else 'NOT REACHED'}"


def race(sides: Sequence[Side], times: int = 3) -> list[Run]:
    """Run the sides in turn, this many times each; the smallest wall and CPU and the largest peaks of each, with the last answer."""
    runs: list[list[Run]] = [[] for _ in sides]
    for _ in range(times):
        for side, its in zip(sides, runs, strict=True):
            its.append(measured(side))
    return [_best(its).scaled(side.share) for side, its in zip(sides, runs, strict=True)]


def _best(runs: Sequence[Run]) -> Run:
    best = {name: least(getattr(run, name) for run in runs) for name, least in (("wall", min), ("cpu", min), ("peak", max), ("children", max))}
    return Run(**best, answer=runs[-1].answer)


def measured(side: Side) -> Run:
    """Run one side in a process of its own. Raises RuntimeError with what it wrote where it fails."""
    command = [sys.executable, "-m", "tests.benchmarks.harness", side.case, json.dumps({**side.arguments, **side.each()})]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode or not lines:
        raise RuntimeError(f"{side.case} {dict(side.arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return Run(**json.loads(lines[-1].removeprefix(_MARK)))


def timed(work: Callable[[], Any]) -> Run:
    """Do this work once, here."""
    gc.collect()
    _forget_peak()
    used, began = _cpu(), time.perf_counter()
    answer = work()
    wall, cpu = time.perf_counter() - began, _cpu() - used
    answer = answer() if callable(answer) else answer
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Run(round(wall, 5), round(cpu, 5), round(_peak(), 1), round(children, 1), answer)


def _forget_peak() -> None:
    """Let the peak of resident memory start anew (Linux); elsewhere it is that of the whole process."""
    if (clear := Path("/proc/self/clear_refs")).exists():
        clear.write_text("5", encoding="ascii")


def _peak() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def _child(case: str, arguments: str) -> None:
    module, name = case.split(":")
    work = getattr(importlib.import_module(f"tests.benchmarks.{module}"), name)(**json.loads(arguments))
    print(_MARK + json.dumps(dataclasses.asdict(timed(work))), flush=True)
    getattr(importlib.import_module(f"tests.benchmarks.{module}"), "stop", lambda: None)()  # programs that a side started
    os._exit(0)  # what would be torn down now is nobody's to measure


if __name__ == "__main__":
    _child(*sys.argv[1:])
