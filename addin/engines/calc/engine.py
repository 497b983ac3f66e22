"""The xlwings engine for LibreOffice Calc."""

from typing import Any

import xlwings

from addin.engines.calc.app import App, Apps
from addin.engines.cells import Conversion

NAME = "calc"


class CalcEngine(Conversion):
    """What `xlwings.Engine` needs of an implementation."""

    name = NAME

    def __init__(self) -> None:
        self.apps = Apps(self)


def activate(ctx: Any = None, url: str | None = None) -> xlwings.Engine:
    """Make Calc the spreadsheet that xlwings talks to.

    `ctx` is the component context inside Calc's own Python; `url` says where a Calc listens, as `socket,host=127.0.0.1,port=2002`.
    Raises `OfficeMissing` where UNO cannot be loaded or nothing listens.
    """
    if ctx is None and url is None:
        raise ValueError("Say which Calc: its component context, or the url where it listens.")
    engine = xlwings.engines[NAME] if NAME in xlwings.engines.engines_by_name else xlwings.Engine(impl=CalcEngine())
    if NAME not in xlwings.engines.engines_by_name:
        xlwings.engines.add(engine)
    engine.impl.apps.connect(ctx, url)
    engine.activate()
    return engine


def active_app() -> App:
    """The Calc connected last."""
    return next(iter(xlwings.engines[NAME].impl.apps))
