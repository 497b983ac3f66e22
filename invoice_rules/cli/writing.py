"""Lists of what is on file, written as .csv, .xlsx or .json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import invoice_rules
from invoice_rules.cli import output

_WRITERS = {".csv": "table_csv", ".xlsx": "table_workbook"}


def write_table(found: Any, path: Path, titles: Mapping[str, str], force: bool = False) -> Path:
    """Write a frame under these titles; JSON keeps the names. Raises CannotRun for another kind of file, and where one is there that `force` does not replace."""
    kind = path.suffix.lower()
    if kind not in (".json", *_WRITERS):
        raise invoice_rules.CannotRun(f'"{path.name}" names no kind of file that can be written. End it with .csv, .xlsx or .json.')
    invoice_rules.workbooks.unless_there(path, force)
    if kind == ".json":
        text = output.dumps([{"format": output.FORMAT, **output.record(one)} for one in found.to_dict("records")])
        return invoice_rules.workbooks.replaced(path, lambda part: _written(part, text + "\n"))
    return getattr(invoice_rules.workbooks, _WRITERS[kind])(found.rename(columns=dict(titles)), path)


def _written(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
