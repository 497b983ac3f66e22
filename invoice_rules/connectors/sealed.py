"""The access token in force, sealed with the refresh token, so that programs that run at once refresh it once between them.

Whoever has the refresh token (from the keyring) may open the seal; the file alone is worth nothing.
"""

import base64
import datetime as dt
import hmac
import json
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from invoice_rules.connectors import private
from invoice_rules.errors import CannotRun
from invoice_rules.folders import config_folder


@dataclass(frozen=True)
class Token:
    """An access token and the moment (UTC) from which on it is not used any more."""

    value: str = field(repr=False)
    until: dt.datetime


def seal(connection: str, refresh: str, token: Token) -> None:
    """Leave the token for the other programs of this user."""
    text = json.dumps({"token": token.value, "until": token.until.isoformat()})
    private.write(_file(connection), {"sealed": _box(refresh).encrypt(text.encode()).decode()})


def opened(connection: str, refresh: str) -> Token | None:
    """The token that another program left; None where there is none that this refresh token opens."""
    try:
        kept = private.read(_file(connection))
        said = json.loads(_box(refresh).decrypt(str(kept["sealed"]).encode()))
        return Token(str(said["token"]), dt.datetime.fromisoformat(said["until"]))
    except (CannotRun, InvalidToken, KeyError, TypeError, ValueError):
        return None


def throw_away(connection: str) -> None:
    """Take the sealed token away."""
    _file(connection).unlink(missing_ok=True)


def _file(connection: str) -> Path:
    return config_folder() / "tokens" / f"{private.mark(connection)}.json"


def _box(refresh: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.digest(refresh.encode(), b"invoice-rules access token", "sha256")))
