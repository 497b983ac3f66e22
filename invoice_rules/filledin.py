"""Where values that stand in no cell of the file came from, as people read it (X-11, S2-46)."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from invoice_rules.problems import Fill
from invoice_rules.results import Report

_WORDS = {"computed": "worked out", "setting": "your value for every row", "rule set": "the usual value", "correction": "a correction"}


def counts(report: Report) -> pd.DataFrame:
    """One line a field and source, in the order of the fields: field, title, source, cells, overwritten."""
    lines: dict[tuple[str, str], list[int]] = {}
    for fill in report.fills:
        cells = lines.setdefault((fill.field, said(fill.source)), [0, 0])
        cells[0] += len(fill.at)
        cells[1] += fill.overwritten
    order = {name: place for place, name in enumerate(report.rules.fields)}
    rows = [(field, _title(report, field), source, cells, over) for (field, source), (cells, over) in sorted(lines.items(), key=lambda line: order.get(line[0][0], -1))]
    return pd.DataFrame(rows, columns=["field", "title", "source", "cells", "overwritten"])


def texts(report: Report, rows: np.ndarray) -> list[str]:
    """For each of these rising positions of the table what was filled in, a line each: `Terms code: customer`. Values for the whole file are left out."""
    place = np.full(len(report.table), -1)
    place[rows] = np.arange(len(rows))
    told: list[list[str]] = [[] for _ in rows]
    for fill in report.fills:
        if fill.source != "setting":
            _tell(fill, f"{_title(report, fill.field)}: {said(fill.source)}", place, told)
    return ["\n".join(lines) for lines in told]


def _tell(fill: Fill, line: str, place: np.ndarray, told: Sequence[list[str]]) -> None:
    here = place[fill.at]
    for at in here[here >= 0].tolist():
        told[at].append(line)


def said(source: str) -> str:
    """A source in words.

    >>> said("arAccount"), said("computed")
    ('ar account', 'worked out')
    """
    return _WORDS.get(source, re.sub(r"(?<=[a-z])([A-Z])", lambda m: f" {m[1].lower()}", source))


def _title(report: Report, field: str) -> str:
    return report.rules.fields[field].title if field in report.rules.fields else field
