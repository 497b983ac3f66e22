"""docs/benchmarks.md with its plot: the figures that were last measured on each machine, kept in results.json beside this file."""

import dataclasses
import datetime as dt
import itertools
import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.harness import ROOT, Figure, Limit, Run

RESULTS = Path(__file__).with_name("results.json")
PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = ROOT / "docs" / "benchmarks.svg"

_HEAD = """# Benchmarks

How fast the engine is, each figure beside a rival that does the same work in the same run: `make bench` measures them and writes this
page. Times differ from computer to computer, and so do ratios, though less: each computer has a table, the last one measured on first.
The programs are in `tests/benchmarks/`, the rivals in `tests/benchmarks/rivals/`, each as somebody would write it who knows the tool.

Each side runs in a process of its own, in turn with the other, several times; the best run of each counts. Imports and preparation
are not in the time, except where the start of a process is what is measured. *Ratio* is ours by theirs where the goal says *at most*
(≤), and theirs by ours where it says *at least* so many times faster (≥). The processor's ratio stands beside that of the clock;
there is none where a database server does part of the work.
"""
_RIVALS = """
## The rivals

- *Arrow kernels by hand* judge every rule that `examine()` judges for Paystand receivables, in one module for this one kind of file:
  distinct values, whole columns, one screening pattern a column. Before anything is measured, both sides must agree on every row, column
  and rule, and on every typed value.
- *Upserts, no checks* read the file and write it as text into one table with a primary key, as durably as we do (SQLite:
  `synchronous=EXTRA`; PostgreSQL: fsync on, COPY into a staging table that is not logged, then `INSERT … ON CONFLICT`). They check
  nothing and keep no plan, no earlier values, no outcomes, no history.
- *django-import-export*: one `ModelResource` with `clean_model_instances`, in one transaction. *Frictionless*: a schema with constraints,
  then its right rows through its own SQL writer. *Pandera*: checks with `element_wise=True`, then `to_sql`. *Pydantic*: one model a row,
  then `executemany`. Each must store the same rows as we do. Those that run fewer rows than we do are linear in them, and their time is
  scaled up; the table says so.
"""
_WHY = {
    "import-postgresql-1000000": """*A million rows into PostgreSQL.* A backend is one process, and a transaction has one. Of 7.5 s in a quiet hour of the AMD machine, where the
  rival takes 3.5 (1.86× to 2.28× at other hours): reading and checking the file 2.0, in which the server has nothing to do; copying 881,849 new invoices with their primary key and
  the unique key of a document 3.0, of which the server alone would take 2.2; 97,990 updates 1.7, of which the images before 0.7; counting
  and adding up what is stored 0.4; the log, the history and the end 0.4. The rival writes 344 MB of log and 225 MB of tables, we 490 and 404,
  so the ratio is worse where memory and disk are slow beside the processor. Tried without gain: images made by us (what the server saves, we
  spend, and 40 MB), reading what is on file in a thread while the file is parsed (Python runs one thread at a time), two threads for the fields
  of a check (0.1 s of 0.7, and a quarter more of the processor), hashing when all is copied, all updates at the end. Dropping the indexes and building them again after the rows would save time, but would shut out everybody
  who reads meanwhile. The figures of the Intel machine are older: there each created invoice had a row of outcomes besides.""",
    "large-checked": """*A row of ten million, read and checked.* On the AMD machine, which is a virtual one, memory that is touched for the first time costs
  2.5 ms a megabyte: of 23 s for ten million rows 10 go to that, where a million finds its memory warm. Without it a row of ten million takes a
  quarter more than one of a million: 250,000 customers and addresses do not fit the processor's cache, 25,000 do. Keeping pages that are free
  again saves 2.4 of the 23 s, pages of 2 MB save 2 to 4, another allocator nothing: the ratio stays above 1.5.
  Fingerprints would tell which of these values are the same in half the time, but that they are must be seen in the values, which takes the other half.""",
    "peer-pandera_cells-100000": """*100,000 rows beside element-wise Pandera.* Of our 0.7 s on the AMD machine SQLite takes 0.3 for writing and flushing what the rival
  writes without an index. The rival is Python alone, which runs twice as fast there as on the Intel machine; it came out between 7.1× and 8.9×.""",
    "peer-pydantic_rows-100000": """*100,000 rows beside row-wise Pydantic.* Of 1.6 processor seconds reading and checking take 0.5, SQLite's own work on two tables
  with three indexes 0.5, handing it the values 0.2, the hash of all values 0.2, the log of 2,039 problems 0.1, and comparing what is
  stored with the plan 0.1. The rival writes one table with one index, and keeps no outcomes, sums or hashes. A third of it is done by
  other threads, so the ratio is better where a second core is free.""",
    "validate": """*Validate in Calc.* Each question to Calc and each answer goes through a socket to another process. The rival reads the
  cells in bulk, checks the invoices and writes two columns in bulk, and no more. The button also looks for the table, reads number
  formats and hidden rows, takes the marks of an earlier run away, gives our two columns their names, width and look, and gives each
  column with a wrong cell its own names and conditional formats, so that marks follow their rows when somebody sorts.""",
}
"""Where the time goes, by the name of the figure: told where its goal is not reached."""


def remember(figures: Sequence[Figure | Limit]) -> None:
    """Keep these figures of this machine, as the last one measured on; others stay as they were."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    machine = f"{_processor()}, {os.cpu_count()} cores, {platform.system()}"
    versions = ", ".join(f"{name} {version(name)}" for name in ("pandas", "pyarrow", "pandera", "sqlalchemy"))
    here = known.pop(machine, {"figures": {}})
    here["with"] = f"Python {platform.python_version()}, {versions}; load of the machine at the end {os.getloadavg()[0]:.1f}"
    for figure in figures:
        here["figures"][figure.name] = {"kind": type(figure).__name__, "day": dt.date.today().isoformat(), **dataclasses.asdict(figure)}
    RESULTS.write_text(json.dumps({machine: here, **known}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


@dataclasses.dataclass(frozen=True)
class Machine:
    """A computer, with what was last measured on it."""

    name: str
    about: str
    figures: tuple[Figure | Limit, ...]


def remembered() -> list[Machine]:
    """All machines that were measured on, the last one first."""
    known = json.loads(RESULTS.read_text(encoding="utf-8"))
    return [Machine(name, here["with"], tuple(_again(dict(held)) for held in here["figures"].values())) for name, here in known.items()]


def every(machines: Sequence[Machine]) -> list[Figure | Limit]:
    """The figures of all machines."""
    return list(itertools.chain.from_iterable(machine.figures for machine in machines))


def _again(held: dict) -> Figure | Limit:
    kind, _ = held.pop("kind"), held.pop("day")
    if kind == "Limit":
        return Limit(**held)
    return Figure(**{**held, "ours": Run(**held["ours"]), "theirs": Run(**held["theirs"]), "points": tuple(map(tuple, held["points"]))})


def write() -> None:
    """The page, and its plot where there are points."""
    machines = remembered()
    lines = list(itertools.chain.from_iterable(map(_table, machines)))
    pointed = next((found for machine in machines if (found := [one for one in machine.figures if isinstance(one, Figure) and one.points])), [])
    if pointed:
        plot(pointed)
        lines += ["", "## The cost of a row", "", f"![Microseconds a row against the number of rows: {_words(pointed)}]({PLOT.name})"]
    PAGE.write_text(_HEAD + "\n".join(lines) + "\n" + _RIVALS + why(every(machines)), encoding="utf-8")
    print(f"Written: {PAGE.relative_to(ROOT)}", file=sys.stderr)


def _table(machine: Machine) -> list[str]:
    """The section of one machine."""
    lines = ["", f"## {machine.name}", "", "| work | rival | ours | theirs | ratio | of processor time | goal | |", "|---|---|---|---|---|---|---|---|"]
    lines += [_line(figure) for figure in machine.figures if isinstance(figure, Figure)]
    limits = [figure for figure in machine.figures if isinstance(figure, Limit)]
    lines += ["", *(f"- {limit.work}: {limit.value:,.0f} {limit.unit}, limit {limit.limit:,.0f} {limit.unit}{_mark(limit.reached)}." for limit in limits)]
    return [*lines, "", f"With {machine.about}."]


def why(figures: Sequence[Figure | Limit]) -> str:
    """Where the time goes in the figures that are not reached on one machine or other; "" where all are."""
    missed = {figure.name for figure in figures if not figure.reached}
    told = [text for name, text in _WHY.items() if name in missed]
    return "\n## Where the time goes in what is not reached\n\n" + "".join(f"- {text}\n" for text in told) if told else ""


def _line(figure: Figure) -> str:
    ratio, cpu = f"**{figure.ratio:.2f}×**", "–" if figure.elsewhere else f"{figure.cpu_ratio:.2f}×"
    goal = f"{'≥' if figure.faster else '≤'} {figure.goal:g}×"
    work = figure.work + (f" ({figure.note})" if figure.note else "")
    return f"| {work} | {figure.rival} | {_seconds(figure.ours.wall)} | {_seconds(figure.theirs.wall)} | {ratio} | {cpu} | {goal} | {'reached' if figure.reached else 'not reached'} |"


def _seconds(wall: float) -> str:
    return f"{wall:,.0f} s" if wall >= 100 else f"{wall:.3g} s"


def _mark(reached: bool) -> str:
    return ": reached" if reached else ": not reached"


def _words(figures: Sequence[Figure]) -> str:
    return "; ".join(f"{figure.name.partition('-')[2]} {', '.join(f'{micros:.1f} at {rows:,}' for rows, micros in figure.points)}" for figure in figures)


def plot(figures: Sequence[Figure]) -> None:
    """Microseconds a row over the number of rows, a line a figure."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter, NullLocator

    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
    drawn, axes = pyplot.subplots(figsize=(6, 3))
    for figure, colour in zip(figures, ("#1f6f8b", "#c2571a"), strict=False):
        rows, micros = zip(*figure.points, strict=True)
        axes.plot(rows, micros, "o-", color=colour, linewidth=1.5, markersize=4)
        axes.annotate({"checked": "read and checked", "stored": "imported into SQLite"}[figure.name.partition("-")[2]], (rows[-1], micros[-1]), xytext=(0, 7), textcoords="offset points", ha="right", color=colour)
    axes.set(xscale="log", xlabel="rows", ylabel="microseconds a row", xticks=figures[0] and [rows for rows, _ in figures[0].points])
    axes.set_ylim(0, 1.25 * max(micros for figure in figures for _, micros in figure.points))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.spines[["top", "right"]].set_visible(False)
    drawn.tight_layout()
    drawn.savefig(PLOT, metadata={"Date": None, "Creator": None})
