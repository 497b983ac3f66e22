"""The connections that were made: which service, which organisation, and the settings of each. Never a secret: those are kept apart (`secrets`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from invoice_rules.connectors import private, secrets
from invoice_rules.connectors.systems import SYSTEMS, system
from invoice_rules.errors import CannotRun
from invoice_rules.folders import config_folder

_FORMAT = 1
_NEVER = ("secret", "password", "token", "authorization")


@dataclass(frozen=True)
class Connection:
    """A connection: `name` is xero, or xero:Demo Company; `account` the service's own identifier of the organisation (tenant, realm, database, or the server of Spectrum).

    `title` is the organisation's name. `settings` are client_id, scopes, api, redirect, zone, ca_file, user, companies and what the clients add; `secrets` says where its
    secrets lie, keyring or file.
    """

    name: str
    system: str
    account: str
    title: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: str = secrets.KEYRING

    @property
    def service(self) -> str:
        """The service as people call it: Xero."""
        return system(self.system).title

    @property
    def login(self) -> str:
        """The command that logs in again."""
        return f'invoice-rules connect "{self.name}"' if " " in self.name else f"invoice-rules connect {self.name}"


def connections_file() -> Path:
    """Where connections are kept."""
    return config_folder() / "connections.json"


def connections() -> list[Connection]:
    """All connections, by name."""
    said = private.read(connections_file())
    if said is None:
        return []
    try:
        if said["format"] != _FORMAT:
            raise CannotRun(f"The file {connections_file()} was written by a newer version of Invoice Rules. Update this one.")
        return [_from(one) for one in said["connections"]]
    except (KeyError, TypeError):
        raise CannotRun(f"The file {connections_file()} cannot be understood. Take it away or restore it, then connect again.") from None


def connection(name: str) -> Connection:
    """The connection of this name, system or organisation. Raises CannotRun where there is none, or several, naming them."""
    known = connections()
    wanted = name.strip().casefold()
    found = called(name, known)
    if len(found) == 1:
        return found[0]
    if found:
        raise CannotRun(f"There are several: {_listed(found)}. Say which by its name.")
    if wanted in SYSTEMS:
        raise CannotRun(f"{system(wanted).title} is not connected yet. Connect it: invoice-rules connect {wanted}")
    raise CannotRun(f'There is no connection "{name}". ' + (f"There are: {_listed(known)}." if known else "None is there yet: invoice-rules connect."))


def called(name: str, among: Iterable[Connection]) -> list[Connection]:
    """Which of these connections are meant: that of the very name, else those of the organisation, else those of the system (S4-6)."""
    known, wanted = list(among), name.strip().casefold()
    exact = [one for one in known if one.name == name.strip()]
    ways = [[one for one in known if said(one).casefold() == wanted] for said in (lambda one: one.name, lambda one: one.title, lambda one: one.system)]
    return next((found for found in (exact, *ways) if found), [])


def change(name: str, **settings: str | None) -> Connection:
    """Change settings of a connection; None takes one away. What is not named stays."""
    refuse_secrets(settings)
    with private.locked("connections"):
        old = connection(name)
        new = replace(old, settings={key: value for key, value in {**old.settings, **settings}.items() if value is not None})
        _write([new if one.name == old.name else one for one in connections()])
    return new


def save(new: Connection) -> None:
    """Keep a connection, in place of the one of its name."""
    refuse_secrets(new.settings)
    with private.locked("connections"):
        _write([*(one for one in connections() if one.name != new.name), new])


def remove(name: str) -> None:
    """Take a connection away."""
    with private.locked("connections"):
        _write([one for one in connections() if one.name != name])


def name_for(system_name: str, account: str, title: str) -> str:
    """The name of a connection: the one that this organisation has already, the bare system for the first, else with the organisation's name."""
    known = [one for one in connections() if one.system == system_name]
    if same := [one.name for one in known if one.account == account]:
        return same[0]
    taken = {one.name for one in known}
    if system_name not in taken:
        return system_name
    full = f"{system_name}:{title or account}"
    return full if full not in taken else f"{full} ({account})"


def refuse_secrets(settings: Mapping[str, Any]) -> None:
    """Settings are no place for secrets."""
    if wrong := [name for name in settings if any(part in name.lower() for part in _NEVER) and name != "token_address"]:
        raise CannotRun(f'"{wrong[0]}" is a secret and does not belong into the settings of a connection.')


def _write(all_: Iterable[Connection]) -> None:
    listed = sorted(all_, key=lambda one: one.name)
    shown = [{"name": one.name, "system": one.system, "account": one.account, "title": one.title, "settings": dict(one.settings), "secrets": one.secrets} for one in listed]
    private.write(connections_file(), {"format": _FORMAT, "connections": shown})


def _from(said: Mapping[str, Any]) -> Connection:
    settings = {str(key): str(value) for key, value in said["settings"].items()}
    return Connection(str(said["name"]), str(said["system"]), str(said["account"]), str(said["title"]), settings, str(said["secrets"]))


def _listed(some: Iterable[Connection]) -> str:
    return "; ".join(f"{one.name} ({one.title})" if one.title and one.title not in one.name else one.name for one in some)
