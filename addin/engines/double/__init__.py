"""A strict double of Excel for xlwings, in memory over openpyxl: as Excel does, or an error that names the call.

It turns typed-looking text into numbers and dates, refuses locked cells, addresses over 255 characters, a second note, values written across
filtered rows, names and sheets that Excel would not take; it does not calculate formulas. `xw.apps.active.impl.answers` scripts its dialogs.
"""

import xlwings as xw

from addin.engines.double.app import Engine

_engine = xw.Engine(impl=Engine())


def activate() -> xw.Engine:
    """Make the double xlwings' active engine, with one application at least; the same one each time."""
    if "double" not in xw.engines.engines_by_name:
        xw.engines.add(_engine)
    if not len(_engine.apps):
        _engine.impl.apps.add(add_book=False)
    _engine.activate()
    return _engine
