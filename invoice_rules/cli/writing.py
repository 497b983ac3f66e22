"""Lists of what is on file, written as .csv, .xlsx or .json."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import invoice_rules
from invoice_rules.cli import output


def write_table(found: Any, path: Path, titles: Mapping[str, str], force: bool = False, exact: Collection[str] = ()) -> Path:
    """Write a frame under these titles; JSON keeps the names. `exact` names columns of minor units.

    Raises CannotRun for another kind of file, and where one is there that `force` does not replace.
    """
    kind = path.suffix.lower()
    if kind not in (".json", ".csv", ".xlsx"):
        raise invoice_rules.CannotRun(f'"{path.name}" names no kind of file that can be written. End it with .csv, .xlsx or .json.')
    invoice_rules.workbooks.unless_there(path, force)
    if kind == ".json":
        return invoice_rules.exporting.write_json(found, path, output.dumps, exact, {"format": output.FORMAT})
    if kind == ".csv":
        return invoice_rules.exporting.write_csv(found, path, titles, exact)
    return invoice_rules.workbooks.table_workbook(invoice_rules.exporting.exact_columns(found, exact).rename(columns=dict(titles)), path)
