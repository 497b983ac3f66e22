"""The first step of the Python that a ribbon button starts: errors go to the log, and xlwings is told which workbook called.

VBA starts Python as `python -I -c "from addin.ribbon import starting; starting.begin(); from addin import udfs; udfs.NAME()" --wb=hex:…
--from_xl=1 --hwnd=… --log=…`. Of the workbook nothing but its name travels, as hex.
"""

import sys
from pathlib import Path

from addin.ribbon.ids import decoded

BOOK = "--wb="


def begin() -> None:
    """Send standard error to the file of `--log=` and put the workbook's name where xlwings' `Book.caller()` looks for it (`sys.argv`)."""
    log = _given("--log=")
    if log:
        sys.stderr = Path(log).open("w", encoding="utf-8", errors="replace", buffering=1)  # noqa: SIM115 # open until Python ends
    name = decoded(_given(BOOK))
    sys.argv[1:] = [f"{BOOK}{name}" if argument.startswith(BOOK) else argument for argument in sys.argv[1:]]
    if "=" in name:
        _name_the_caller(name, int(_given("--hwnd=") or 0))


def _given(option: str) -> str:
    """What follows `option` on the command line, "" where it is not there."""
    return next((argument.removeprefix(option) for argument in sys.argv[1:] if argument.startswith(option)), "")


def _name_the_caller(name: str, window: int) -> None:
    """`Book.caller()` reads a name up to its first `=`; such a workbook is looked up here. `window` is Excel's handle, 0 on a Mac."""
    import xlwings

    app = next((app for app in xlwings.apps if app.hwnd == window), None) if window else xlwings.apps.active
    if app is not None:
        app.books[name].set_mock_caller()
