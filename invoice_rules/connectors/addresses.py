"""Addresses of services: which server one means, and whether we may speak to it."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from invoice_rules.errors import CannotRun

Place = tuple[str, str, int]
_PORTS = {"https": 443, "http": 80}


def place(address: str) -> Place:
    """(scheme, host, port) of an address, or of a host[:port], which means https but on this computer.

    >>> place("https://API.xero.com/api.xro/2.0"), place("127.0.0.1:5001"), place("erp.example:8482")
    (('https', 'api.xero.com', 443), ('http', '127.0.0.1', 5001), ('https', 'erp.example', 8482))
    """
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host, port = "", None
    if not host:
        raise CannotRun(f'"{shown(address)}" is not the address of a server. Write it like https://server.example.')
    scheme = parts.scheme or ("http" if _here(host) else "https")
    return scheme, host, port or _PORTS.get(scheme, 0)


def base(address: str) -> str:
    """A service's address as it was typed, ready to have paths put after it; raises CannotRun for what is no address that we would use.

    >>> base(" https://erp.example:8482/api/ "), base("erp.example:8482")
    ('https://erp.example:8482/api', 'https://erp.example:8482')
    """
    address = address.strip().rstrip("/")
    address = address if "://" in address else f"{place(address)[0]}://{address}"
    allowed(address, {place(address)})
    if "?" in address or "#" in address:
        raise CannotRun(f'The address "{shown(address)}" must end before "?" and "#".')
    return address


def allowed(address: str, places: Collection[Place]) -> None:
    """Raise CannotRun unless the address is at one of these servers, by https or on this computer, and holds no password."""
    found = place(address)
    if found not in places:
        raise CannotRun(f"Nothing was sent to {found[1]}: it is not a server of this connection.")
    if found[0] not in _PORTS or (found[0] == "http" and not _here(found[1])):
        raise CannotRun(f"Nothing was sent to {found[1]}: its address must begin with https://, so that nobody can read along.")
    if "@" in urlsplit(address).netloc:
        raise CannotRun(f"Nothing was sent to {found[1]}: its address must not hold a user name or password.")


def is_loopback(address: str) -> bool:
    """Whether an address is on this computer."""
    return _here(place(address)[1])


def shown(address: str) -> str:
    """An address for messages: without user name, password, question and fragment."""
    return address.partition("?")[0].partition("#")[0].rpartition("@")[2]


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
