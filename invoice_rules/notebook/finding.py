"""Which files a folder or a pattern means."""

import glob
import re
from collections.abc import Iterable
from pathlib import Path

from invoice_rules import CannotRun

ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".xltx", ".xltm", ".xlt", ".ods", ".json")
_OURS = re.compile(r" - to fix \d{4}-\d\d-\d\d \d\d\.\d\d(?: \(\d+\))?\.xlsx$")
_DIGITS = re.compile(r"(\d+)")


def found_files(wanted: str | Path | Iterable[str | Path]) -> list[Path]:
    """The files meant, each once, in the order of their names: `a2` before `a10`. Raises CannotRun where there are none.

    Of a folder or a pattern, files of other kinds, hidden ones, those that Excel keeps while a workbook is open, and our own workbooks of
    what is to be corrected are left out; a file that is named counts whatever it is.
    """
    parts = [wanted] if isinstance(wanted, str | Path) else list(wanted)
    found: dict[Path, None] = {}
    for part in parts:
        found.update(dict.fromkeys(_of(Path(part).expanduser())))
    if not found:
        raise CannotRun(f"No file to import in {', '.join(str(part) for part in parts) or 'an empty list'}. Name a folder, a pattern such as inbox/*.xlsx, or files.")
    return list(found)


def _of(part: Path) -> list[Path]:
    if part.is_dir():
        return _sorted(one for one in part.iterdir() if _counts(one))
    if part.exists() or not glob.has_magic(str(part)):
        return [part]
    return _sorted(one for one in map(Path, glob.glob(str(part), recursive=True)) if _counts(one))  # noqa: PTH207 # a pattern may begin at any folder


def _counts(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in ENDINGS and not path.name.startswith((".", "~$")) and not _OURS.search(path.name)


def _sorted(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: [int(part) if part.isdecimal() else part.casefold() for part in _DIGITS.split(str(path))])
