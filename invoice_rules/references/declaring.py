"""What the kinds of reference list have in common: how one is declared, and the rules that hold for its keys."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pandera.pandas as pandera

from invoice_rules.fields import RuleSet, rule
from invoice_rules.problems import Severity

WHOLE_LIST = "The whole list is looked through on import."

def listed(
    name: str, title: str, description: str, fields: Mapping[str, pandera.Column], *rules: pandera.Check, unique: tuple[str, ...] = (), official: str = "", named: str = ""
) -> RuleSet:
    """A kind of reference list. The first field is the key; `unique` are those that tell entries apart where the key repeats; see `RuleSet` for the others."""
    key = next(iter(fields))
    apart = _told_apart(unique, fields) if unique else _spelled_alike(key, fields[key].title)
    return RuleSet(
        name=name,
        title=title,
        description=description,
        document="entry",
        schema=pandera.DataFrameSchema(dict(fields), checks=[apart, *rules], name=name, title=title),
        key=key,
        unique=unique,
        official=official,
        named=named,
    )


def _spelled_alike(key: str, title: str) -> pandera.Check:
    says = f"{title} {{{key}}} is also in the file with other capital letters. Codes are found without regard to them: keep one of the two."

    @rule("same-code", says, key, spec="X-9", because=WHOLE_LIST, says="No two codes of a list differ in capital letters alone.")
    def spelled_alike(rows: pd.DataFrame) -> pd.Series:
        folded = rows[key].str.lower()
        return ~folded.duplicated(keep=False) | rows[key].duplicated(keep=False)

    return spelled_alike


def _told_apart(unique: tuple[str, ...], fields: Mapping[str, pandera.Column]) -> pandera.Check:
    slots = " and ".join(f"{fields[name].title} {{{name}}}" for name in unique)
    says = f"{slots} are on another row of the file too. Keep one of the rows."

    @rule("same-entry", says, *unique, spec="X-9", because=WHOLE_LIST, says="No two entries of a list agree in all fields that tell them apart.")
    def told_apart(rows: pd.DataFrame) -> pd.Series:
        columns = [rows[name].str.lower() if fields[name].metadata["field"].kind == "code" else rows[name] for name in unique]
        codes = np.column_stack([column.factorize(use_na_sentinel=False)[0] for column in columns])
        return ~pd.DataFrame(codes, index=rows.index).duplicated(keep=False)

    return told_apart


def at_most_all(field: str, title: str, spec: str, severity: Severity = Severity.ERROR) -> pandera.Check:
    """A percentage of no more than 100."""

    @rule("over-all", f"{title} is {{{field}}} %, more than the whole. Write a percentage up to 100.", field, spec=spec, says="A percentage is 100 at most.", severity=severity, excel=f"{{{field}}}<=100")
    def up_to_all(rows: pd.DataFrame) -> pd.Series:
        return rows[field] <= 100

    return up_to_all
