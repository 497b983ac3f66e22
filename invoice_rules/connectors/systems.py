"""The four services: what they are called, where they are, and how one logs in to them. Every address may be another one (settings `api`, `login`)."""

from collections.abc import Mapping
from dataclasses import dataclass

from invoice_rules.errors import CannotRun

REDIRECT = "http://localhost:8714/callback"
"""Where the browser comes back to after a login, unless the setting `redirect` says otherwise: this computer."""


@dataclass(frozen=True)
class System:
    """One service. `api`, `authorize`, `token` and `revoke` are its usual addresses; `secret` tells whether an app of it has a client secret.

    `per_minute` is how many requests it takes, `lasts` for how many seconds a login is good that is not used, 0 where it says so itself or sets no end.
    """

    name: str
    title: str
    api: str = ""
    authorize: str = ""
    token: str = ""
    revoke: str = ""
    scopes: str = ""
    secret: bool = False
    per_minute: int = 0
    lasts: int = 0


SYSTEMS = {
    one.name: one
    for one in (
        System(
            "quickbooks",
            "QuickBooks",
            api="https://quickbooks.api.intuit.com",
            authorize="https://appcenter.intuit.com/connect/oauth2",
            token="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
            revoke="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
            scopes="com.intuit.quickbooks.accounting",
            secret=True,
            per_minute=500,
        ),
        System("autotask", "Autotask", api="https://webservices.autotask.net/atservicesrest"),
        System(
            "xero",
            "Xero",
            api="https://api.xero.com",
            authorize="https://login.xero.com/identity/connect/authorize",
            token="https://identity.xero.com/connect/token",
            revoke="https://identity.xero.com/connect/revocation",
            scopes="offline_access accounting.invoices accounting.contacts accounting.settings.read",
            per_minute=60,
            lasts=60 * 24 * 3600,
        ),
        System("spectrum", "Spectrum", scopes="spectrumapi"),
    )
}


def system(name: str) -> System:
    """The service of this name; raises CannotRun with those that there are."""
    try:
        return SYSTEMS[name]
    except KeyError:
        raise CannotRun(f'There is no connection to "{name}". There are: {", ".join(SYSTEMS)}.') from None


def address(name: str, settings: Mapping[str, str], which: str) -> str:
    """An address of a service (api, authorize, token or revoke): the setting `api`, `authorize_address` and so on, else the usual one."""
    return settings.get(which if which == "api" else f"{which}_address") or str(getattr(system(name), which))
