"""The `--json` format, version 1: always one array on stdout, whatever happens. Documented in `docs/json.md`."""

import datetime as dt
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import invoice_rules

FORMAT = 1
_KEY = "invoice_rules.array"


class Array:
    """An array that is written element by element, so that it is whole even when a later element fails."""

    def __init__(self) -> None:
        self._count = 0
        self._closed = False

    def add(self, element: Mapping[str, Any], problems: Iterable[Any] | None = None, outcomes: Any | None = None) -> None:
        """One object; its problems, or its outcomes, a frame, are written one after the other, for there may be a million."""
        self._begin()
        text = dumps({"format": FORMAT, **element})
        if problems is not None:
            sys.stdout.write(text[:-1] + ', "problems": [')
            for place, problem in enumerate(problems):
                sys.stdout.write((",\n  " if place else "\n  ") + dumps(problem.to_dict()))
            sys.stdout.write("]}")
        elif outcomes is not None:
            sys.stdout.write(text[:-1] + ', "outcomes": [')
            for place, part in enumerate(invoice_rules.exporting.parts(outcomes)):
                sys.stdout.write((", " if place else "") + ", ".join(invoice_rules.exporting.json_rows(part, dumps)))
            sys.stdout.write("]}")
        else:
            sys.stdout.write(text)

    def rows(self, frame: Any, exact: Collection[str] = ()) -> None:
        """One object a row of a frame; blanks are null. `exact` names columns of minor units."""
        for part in invoice_rules.exporting.parts(frame):
            self._begin()
            sys.stdout.write(",\n".join(invoice_rules.exporting.json_rows(part, dumps, exact, {"format": FORMAT})))

    def _begin(self) -> None:
        sys.stdout.write("[\n" if not self._count else ",\n")
        self._count += 1

    def close(self) -> None:
        """End the array; an array without elements is written too."""
        if not self._closed:
            sys.stdout.write("\n]\n" if self._count else "[]\n")
            sys.stdout.flush()
            self._closed = True


def dumps(value: Any) -> str:
    """JSON in plain ASCII, which every program and console can read."""
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    """Dates, numbers of NumPy and blanks of pandas as JSON knows them."""
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return None if type(value).__name__ in ("NAType", "NaTType") else str(value)


_ENCODER = json.JSONEncoder(default=_plain)


@contextmanager
def array(ctx: Any) -> Iterator[Array]:
    """The array of this command; closed at its end, also when something raises in between."""
    root = ctx.find_root()
    writing = root.meta[_KEY] = Array()
    try:
        yield writing
    except Exception as error:
        root.meta[_KEY] = None
        if not hasattr(error, "exit_code"):
            writing.add({"file": None, "error": _sentence(error)})
        raise
    finally:
        writing.close()


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, invoice_rules.CannotRun) else "Something went wrong that should not have. The messages say more."


def failed(ctx: Any, message: str) -> None:
    """With `--json`, a command that could not run at all still prints an array: one object with the reason."""
    if "--json" in ctx.meta["invoice_rules.argv"] and _KEY not in ctx.find_root().meta:
        whole = Array()
        whole.add({"file": None, "error": message})
        whole.close()


def records(ctx: Any, frame: Any, exact: Collection[str] = ()) -> None:
    """A frame as an array, one object a row; see `Array.rows`."""
    with array(ctx) as writing:
        writing.rows(frame, exact)


def entity(one: Any) -> dict[str, Any]:
    """An entity with its settings."""
    names = ("name", "title", "currency", "environment", "closed_until")
    return {name: getattr(one, name) or None for name in names}


def of_report(file: str, wizard: Any, store: str | None) -> dict[str, Any]:
    """The keys that `check` and `import` share, without the problems."""
    report = wizard.report
    return {
        "file": file,
        "rules": report.rules.name,
        "entity": report.entity.name,
        "store": store,
        "rows": len(report.table),
        "invoices": report.invoices,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "totals": exact_totals(report.totals()),
        "mapping": columns_of(report.mapping, wizard.choices.settings),
        "filled": invoice_rules.filledin.counts(report).drop(columns="title").to_dict("records"),
    }


def exact_totals(totals: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, str]]:
    """Minor units as plain decimals: {"USD": {"amount": "1234.50"}}."""
    return {code: {name: invoice_rules.exact(sum_, code) for name, sum_ in sums.items()} for code, sums in totals.items()}


def columns_of(mapping: Any, settings: Mapping[str, str], sure: bool = False) -> dict[str, dict[str, Any]]:
    """Every field with its column (0 is the first), heading and how it was found; `setting` where a value feeds it."""
    fed = {**mapping.settings, **settings}
    return {
        name: {"column": match.column, "heading": match.heading, "how": "setting" if name in fed else match.how}
        | ({"score": round(match.score, 3), "why": match.why} if sure else {})
        for name, match in mapping.matches.items()
    }


def of_plan(plan: Any, receipt: Any | None, workbook: Any | None) -> dict[str, Any]:
    """What `import` adds; the counts are the plan's, which the commit carries out as they are. `batch` is null after a dry run."""
    counts = {str(outcome): plan.count(outcome) for outcome in invoice_rules.Outcome}
    rejected = counts.pop("rejected")
    return {
        "accepted": plan.report.invoices - rejected,
        "rejected": rejected,
        "batch": None if receipt is None else receipt.batch,
        **counts,
        "error_workbook": None if workbook is None else str(workbook),
    }
