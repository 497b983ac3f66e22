"""Where secrets are kept: the system's keyring, or, only if the person chose so, a file that nobody else may read.

A keyring that would keep them in plain text, or not at all, is refused. Source: behaviour S4-5.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringError, PasswordDeleteError

from invoice_rules.connectors import private
from invoice_rules.errors import CannotRun
from invoice_rules.folders import config_folder

KEYRING, FILE = "keyring", "file"
_SERVICE = "invoice-rules"
_NO_KEYRING = (
    "This computer has no keyring that keeps secrets safe, so nothing was kept. Set one up (Windows and macOS have theirs; Linux: GNOME Keyring or KWallet), "
    "or say --secrets file to keep them in a file that only your account may read."
)


def secrets_file() -> Path:
    """Where secrets lie if the person chose a file."""
    return config_folder() / "secrets.json"


def ready(where: str) -> None:
    """Raise CannotRun where secrets cannot be kept so; to be asked before anybody logs in."""
    if where == KEYRING:
        _backend()
    elif where != FILE:
        raise CannotRun(f'Secrets can be kept in "keyring" or "file", not in "{where}".')


def keep(where: str, connection: str, what: str, value: str) -> None:
    """Keep a secret of a connection; durable when this returns."""
    if where == KEYRING:
        try:
            _backend().set_password(_SERVICE, _key(connection, what), value)
        except KeyringError as error:
            raise _closed(error) from None
        return
    _change_file({_key(connection, what): value})


def find(where: str, connection: str, what: str) -> str:
    """A secret that was kept; "" where there is none."""
    if where == KEYRING:
        try:
            return _backend().get_password(_SERVICE, _key(connection, what)) or ""
        except KeyringError as error:
            raise _closed(error) from None
    return str(_in_file().get(_key(connection, what), ""))


def forget(where: str, connection: str, *whats: str) -> None:
    """Take secrets of a connection away; those that are not there are no trouble."""
    if where == FILE:
        _change_file({_key(connection, what): None for what in whats})
        return
    for what in whats:
        try:
            _backend().delete_password(_SERVICE, _key(connection, what))
        except PasswordDeleteError:
            continue  # there was none
        except KeyringError as error:
            raise _closed(error) from None


def _key(connection: str, what: str) -> str:
    return f"{connection} {what}"


def _in_file() -> dict[str, Any]:
    found = private.read(secrets_file())
    return found if isinstance(found, dict) else {}


def _change_file(changes: dict[str, str | None]) -> None:
    with private.locked("secrets"):
        kept = {name: value for name, value in (_in_file() | changes).items() if value is not None}
        private.write(secrets_file(), kept)


def _backend() -> KeyringBackend:
    """The keyring that is used: the best of this system. Raises CannotRun for one that keeps nothing, or keeps it in plain text."""
    best = next(_best(keyring.get_keyring()), None)
    if best is None or isinstance(best, (fail.Keyring, null.Keyring)) or "plaintext" in type(best).__name__.lower():
        raise CannotRun(_NO_KEYRING)
    return best


def _best(backend: KeyringBackend) -> Iterator[KeyringBackend]:
    """A chain of keyrings falls through to the next one; only its first is taken, never one behind it."""
    if isinstance(backend, chainer.ChainerBackend):
        for one in backend.backends:
            yield from _best(one)
    else:
        yield backend


def _closed(error: KeyringError) -> CannotRun:
    return CannotRun(f"The keyring of this computer could not be opened ({type(error).__name__}). Unlock it, then try again.")
