"""The sending widget over a store, a scripted service and a connection that is only written down."""

from typing import Any

import pytest

from invoice_rules import connectors
from invoice_rules.connectors import known
from invoice_rules.connectors.sending import Sending as Engine
from invoice_rules.notebook import Sending
from tests.connectors.faking import FakeClock
from tests.connectors.scripted import Service

XERO = known.Connection("xero", "xero", "t-1", "Demo Company")


class Marker:
    """A source that writes marks down, and refuses those of some keys."""

    def __init__(self, *refused: str):
        self.marks: list[str] = []
        self.refused = set(refused)

    def mark(self, entries, value):
        self.marks += [entry.key for entry in entries if entry.key not in self.refused]
        return [(entry.id, "It is locked in Autotask." if entry.key in self.refused else "") for entry in entries]


class Seen:
    """The widget as its user has it: `click` presses a button that can be pressed, and waits for what comes of it."""

    def __init__(self, store: Any, service: Service, monkeypatch: pytest.MonkeyPatch, source: Any = None, connection: known.Connection = XERO):
        self.store, self.service, self.clock, self.source = store, service, FakeClock(), source or Marker()
        known.save(connection)
        monkeypatch.setattr(connectors.desk, "opened", self._opened)
        self.panel = Sending(store)
        assert self.panel.wait()

    def _opened(self, store, connection, *, told=None, progress=None, clock=None):
        return Engine(store, self.service, self.source, clock=self.clock, told=told, progress=progress)

    def click(self, button) -> None:
        assert not button.disabled and visible(button), button.description
        button.click()
        assert self.panel.wait()

    def say(self, table, act: str, at: int = 0) -> None:
        """Press a button of a row."""
        line = table.lines[at]
        assert act in [name for name, _ in line["acts"]], line
        table._received(table, {"kind": "act", "id": line["id"], "value": act}, [])
        assert self.panel.wait()

    @property
    def told(self) -> list[str]:
        return self.panel.band.messages


def visible(control) -> bool:
    return control.layout.display != "none"


def cells(table) -> list[list[str]]:
    """What the rows of a table say."""
    return [line["cells"] for line in table.lines]
