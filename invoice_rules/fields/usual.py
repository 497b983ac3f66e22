"""Rules that more than one system has: dates in their order, entries on file, what belongs to whom."""

import numpy as np
import pandas as pd
import pandera.pandas as pandera

from invoice_rules.fields.rules import rule
from invoice_rules.problems import Severity


def due_date(due: str, date: str, spec: str = "S3-11") -> pandera.Check:
    """The due date is not before the invoice date, which is told."""

    @rule("due-before-date", f"Due date {{{due}}} is before the invoice date {{{date}}}.", due, date, spec=spec, severity=Severity.WARNING)
    def due_on_or_after_date(rows: pd.DataFrame) -> pd.Series:
        """The due date is not before the invoice date."""
        return rows[due] >= rows[date]

    return due_on_or_after_date


def on_file(field: str, link: str, what: str, spec: str) -> pandera.Check:
    """The value names an entry of a link; `what` says in words how to get it on file."""

    @rule(f"unknown-{field.lower()}", f"No entry on file has the {{title}} {{{field}}}. {what}", field, f"{link}.count", spec=spec)
    def entry_on_file(rows: pd.DataFrame) -> pd.Series:
        """What it names is on file."""
        return rows[f"{link}.count"] > 0

    return entry_on_file


def belongs(field: str, link: str, owner: str, mine: str, spec: str) -> pandera.Check:
    """The entry of a link has the same owner as the document: its field `owner` is the document's field `mine`."""

    @rule(
        f"{link.lower()}-owner", f"{{title}} {{{field}}} belongs to {{{link}.{owner}}}, not to {{{mine}}}. Correct one of them.",
        field, f"{link}.{owner}", mine, spec=spec,
    )  # fmt: skip
    def entry_of_owner(rows: pd.DataFrame) -> pd.Series:
        """What it names belongs to the same customer."""
        return rows[f"{link}.{owner}"].str.lower() == rows[mine].str.lower()

    return entry_of_owner


def listed(field: str, link: str, list: str, its: str, spec: str) -> pandera.Check:
    """The value is on a list, with commas between its members, that the entry of a link has; an empty list allows all. `its` is the entry in words."""

    @rule(f"{field.lower().replace('_', '-')}-{link.lower()}", f"{{title}} {{{field}}} does not go with the {its}, which allows {{{link}.{list}}} alone. Correct one of them.", field, f"{link}.{list}", spec=spec)
    def on_the_list(rows: pd.DataFrame) -> pd.Series:
        """It is one of those that the account or the customer allows."""
        pairs = pd.DataFrame({"mine": rows[field].str.lower(), "list": rows[f"{link}.{list}"].str.lower()}).drop_duplicates().dropna()
        allowed = {(mine, its) for mine, its in pairs.itertuples(index=False) if mine in {part.strip() for part in its.replace(";", ",").split(",")}}
        return pd.Series(np.fromiter(((mine, its) in allowed for mine, its in zip(rows[field].str.lower(), rows[f"{link}.{list}"].str.lower(), strict=True)), bool, len(rows)))

    return on_the_list
