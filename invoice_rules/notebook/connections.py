"""`Connections`: which services are connected, logging in to one, its settings, and taking it off (S4-5, S4-6, S4-15, S4-21)."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from invoice_rules import CannotRun, connectors
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.actions import ActionTable, Line
from invoice_rules.notebook.asking import Asking
from invoice_rules.notebook.board import Board, titled
from invoice_rules.notebook.worker import Progress

SYSTEMS = {
    "quickbooks": ("QuickBooks", "invoices come from there"),
    "autotask": ("Autotask", "invoices come from there, and are marked as processed"),
    "xero": ("Xero", "invoices are sent there"),
    "spectrum": ("Spectrum", "invoices are sent there"),
}
_HEADINGS = ("Organisation", "Service", "What for", "Name", "Secrets")
_SECRETS = {"keyring": "in the keyring of this computer", "file": "in a file that only you can read"}
_NO_KEYRING = ("say --secrets file to keep them", "choose below to keep them")
_MARKS = (("asked each time", "ask"), ("done without asking", "always"), ("not done", "never"))
_APPROVED = (("drafts", "no"), ("approved at once", "yes"))
_FURTHER = "Further settings"
_ACTS = (("again", "Log in again"), ("settings", "Settings"), ("disconnect", "Disconnect"))


class Connections(Board):
    """Put it last in a cell. Secrets that are typed go to the keyring and are never part of the notebook."""

    def __init__(self) -> None:
        super().__init__("Connections")
        self.says = pages.html()
        self.table = ActionTable(self.guard, "Connected services", _HEADINGS, self._act, whole=["Service"])
        self.login = Asking(self.guard, self.band.note)
        self.connects = [controls.button(f"Connect {title}", self.guard, self._connecting(name)) for name, (title, _) in SYSTEMS.items()]
        self.secrets = controls.dropdown("Secrets are kept", self.guard, lambda _: None, [(words, name) for name, words in _SECRETS.items()])
        self.further = controls.text(_FURTHER, self.guard, lambda _: None, "none, else such as ca_file=C:\\certs\\own.pem")
        self.locked = list(self.connects)
        self.settings = SettingsBox(self)
        anew = titled("Connect another", [self.secrets, self.further, controls.row(*self.connects)])
        self.fill(self.says, self.table, self.settings.box, self.asking, self.login.question, controls.row(self.stop), anew)
        self.act("list", self._list)

    def connect(self, name: str) -> None:
        """Log in to a service, or again by the name of a connection; its questions are asked on the page."""
        given = {**_taken(self.further), **({"secrets": self.secrets.value} if name in SYSTEMS else {})}
        self.act("connect", lambda progress: self._connect(name, given, progress))

    def _connecting(self, name: str) -> Callable[[], None]:
        def connect() -> None:
            self.connect(name)

        return connect

    def _connect(self, name: str, given: Mapping[str, str], progress: Progress) -> None:
        progress.say(f"Connecting {SYSTEMS[name][0] if name in SYSTEMS else name}")
        try:
            made = connectors.connect(name, self.login.during(progress), **given)
        except CannotRun as cannot:
            raise CannotRun(str(cannot).replace(*_NO_KEYRING)) from cannot
        finally:
            self.login.end()
            self._list(progress.stopped())
        self.band.clear()
        self.band.note(f"{_title(made)} is connected.")

    def _list(self, progress: Progress) -> None:
        progress.check()
        found = connectors.connections.connections()
        self.table.show(_line(one) for one in found)
        self.says.value = "" if found else html.paragraph("No service is connected yet. Files are imported without any.", "note")

    def _act(self, act: str, name: str) -> None:
        if act == "again":
            self.connect(name)
        elif act == "settings":
            self.settings.open(connectors.connections.connection(name))
        else:
            title = _title(connectors.connections.connection(name))
            words = f"Disconnect {title}? Its secrets are deleted here. What was imported and sent stays on file."
            self.ask(words, f"Disconnect {title}", lambda: self.act("disconnect", lambda progress: self._disconnect(name, progress)), "Keep it")

    def _disconnect(self, name: str, progress: Progress) -> None:
        progress.say(f"Disconnecting {name}")
        try:
            left = connectors.disconnect(name)
        finally:
            self.settings.close()
            self._list(progress)
        for says in (f"{name} is disconnected.", *left):
            self.band.note(says)

    def change(self, name: str, settings: Mapping[str, str | None]) -> None:
        """Change settings of a connection."""

        def job(progress: Progress) -> None:
            progress.check()
            known = {key: value or "" for key, value in settings.items() if key in connectors.desk.SETTINGS}
            connectors.desk.configure(name, **known)
            one = connectors.change(name, **{key: value for key, value in settings.items() if key not in known})
            self.settings.close()
            self.band.note(f"The settings of {_title(one)} are kept.")

        self.act("settings", job)


class SettingsBox:
    """The settings of one connection: what is done after sending, whether invoices are approved, and further ones by name."""

    def __init__(self, around: Connections):
        self._around, guard = around, around.guard
        self._name = ""
        self.title = pages.html()
        self.mark = controls.dropdown("Marking as processed in Autotask after sending is", guard, lambda _: None, _MARKS)
        self.approved = controls.dropdown("Invoices become", guard, lambda _: None, _APPROVED)
        self.further = controls.text(_FURTHER, guard, lambda _: None, "name=value, name= takes one away")
        self.save = controls.button("Keep these settings", guard, self._save, main=True)
        self.no = controls.button("Close", guard, self.close)
        self.box = titled("", [self.mark, self.approved, self.further, controls.row(self.save, self.no)])
        self.box.children = [self.title, *self.box.children[1:]]
        self.box.add_class("ir-asking")
        self.close()

    def open(self, connection: Any) -> None:
        """Show what is set."""
        self._name = connection.name
        known = {name: value for name, value in connection.settings.items() if value and name not in ("mark", "approved")}
        self.title.value = html.heading(f"Settings of {_title(connection)}") + html.facts(known.items())
        for control in (self.mark, self.approved):
            controls.show(control, connection.system == "xero")
        controls.fill(self.mark, _MARKS, connection.settings.get("mark") or "ask")
        controls.fill(self.approved, _APPROVED, connection.settings.get("approved") or "no")
        controls.set_value(self.further, "")
        controls.show(self.box, True)

    def close(self) -> None:
        """Show none."""
        controls.show(self.box, False)

    def _save(self) -> None:
        own = {"mark": self.mark.value, "approved": self.approved.value} if self.mark.layout.display is None else {}
        self._around.change(self._name, {**own, **{name: value or None for name, value in _taken(self.further).items()}})


def _taken(field: widgets.Text) -> dict[str, str]:
    """The settings that were typed; the field is emptied, lest somebody wrote a secret there."""
    text = field.value
    controls.set_value(field, "")
    return given_settings(text)


def given_settings(text: str) -> dict[str, str]:
    """Settings as they are typed: `ca_file=own.pem, redirect=http://localhost:9000/back`. Raises CannotRun for anything else.

    >>> given_settings("ca_file=own.pem, batch=1"), given_settings("")
    ({'ca_file': 'own.pem', 'batch': '1'}, {})
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all("=" in part and part.partition("=")[0].strip().isidentifier() for part in parts):
        raise CannotRun("That is no setting. Write name=value, and commas between several.")
    return {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in parts)}


def _title(one: Any) -> str:
    return f"{one.title or one.account} in {SYSTEMS[one.system][0]}"


def _line(one: Any) -> Line:
    title, use = SYSTEMS[one.system]
    return Line(one.name, [one.title or one.account, title, use, one.name, one.secrets], acts=_ACTS)
