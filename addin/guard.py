"""What stands around every button: progress in the status bar, and no exception ever reaches the user as a traceback."""

import functools
from collections.abc import Callable
from typing import Any

import xlwings as xw

from addin.dialogs import Dialogs
from invoice_rules import CannotRun, trouble

BUSY = "Excel is busy: a cell is being edited or a dialog is open. Press Enter or Escape, then press the button again."
_BUSY_CODES = (-2147418111, -2146777998, -2146788248)  # call rejected, application busy, not available while editing


def button(act: Callable[..., None]) -> Callable[..., None]:
    """The function of a button: what goes wrong is told in a sentence, our own mistakes with the path of their details."""

    @functools.wraps(act)
    def guarded(*given: Any) -> None:
        app = current_app()
        try:
            act(*given)
        except CannotRun as stopped:
            _tell(app, str(stopped))
        except Exception as error:  # noqa: BLE001 # whatever it is, the user gets a sentence and we get the details
            _tell(app, BUSY if _busy(error) else trouble.unexpected(error, ["addin", act.__name__]))
        finally:
            if app is not None:
                settle(app)

    return guarded


def current_app() -> xw.App | None:
    """The spreadsheet program in which the button was pressed."""
    try:
        return xw.Book.caller().app
    except Exception:  # noqa: BLE001 # no caller: pressed where no workbook is open
        return next(iter(xw.apps), None)


def settle(app: xw.App) -> None:
    """The program as the user left it, whatever happened."""
    app.screen_updating = True


def _busy(error: Exception) -> bool:
    return any(code in _BUSY_CODES for code in error.args if isinstance(code, int))


def _tell(app: xw.App | None, text: str) -> None:
    if app is None:
        raise SystemExit(text)
    app.status_bar = False
    Dialogs(app).tell(text, bad=True)
