"""`connect`, `connections`, `disconnect`: the services that invoices come from and go to (S4-5, S4-6)."""

import datetime as dt
import webbrowser
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from invoice_rules import CannotRun, connectors
from invoice_rules.cli import asking, output, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, out, say, tell

Name = Annotated[str, typer.Argument(metavar="NAME", help="The connection, as `connections` lists it.")]
_API = "Another address of the service: a sandbox, a gateway, or Spectrum's server."
_REDIRECT = "The redirect address of your app there, to which the browser comes back; http://localhost:8714/callback unless QuickBooks wants an https page."


@app.command()
def connect(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="quickbooks, autotask, xero or spectrum; or a connection, to log in to it again.")],
    client_id: Annotated[str | None, typer.Option("--client-id", metavar="ID", help="The client id of your app at Xero or Intuit, or at Spectrum for its enhanced login.")] = None,
    user: Annotated[str | None, typer.Option("--user", metavar="NAME", help="The user name of the API user in Autotask.")] = None,
    company: Annotated[list[str] | None, typer.Option("--company", metavar="CODE", help="A company code of Spectrum. May be repeated.")] = None,
    api: Annotated[str | None, typer.Option("--api", metavar="URL", help=_API)] = None,
    login: Annotated[str | None, typer.Option("--login", metavar="URL", help="Another address of its login server.")] = None,
    redirect: Annotated[str | None, typer.Option("--redirect", metavar="URL", help=_REDIRECT)] = None,
    paste: Annotated[bool, typer.Option("--paste", help="Paste the address that the browser ends at, where it runs on another computer.")] = False,
    scopes: Annotated[str | None, typer.Option("--scopes", metavar="TEXT", help="What to ask permission for, in place of what is needed as a rule.")] = None,
    ca_file: Annotated[str | None, typer.Option("--ca-file", metavar="FILE", help="The certificate of the server's own authority, as PEM.")] = None,
    secrets: Annotated[str | None, typer.Option("--secrets", metavar="PLACE", help="keyring, or file: a file that only your account may read.")] = None,
) -> None:
    """Log in to a service, and choose the organisation.

    Passwords and secrets are asked for, never named on the command line. They are kept in the keyring of this computer.
    """
    session: Session = ctx.obj
    given = {"client_id": client_id, "user": user, "companies": ",".join(company or ()), "api": api, "login": login, "redirect": redirect, "scopes": scopes}
    given |= {"ca_file": ca_file, "secrets": secrets, "paste": "yes" if paste else None}
    made = connectors.connections.connect(service, Terminal(session), **given)
    say(f'Connected to {made.title or made.account} in {made.service}. Its name here is "{made.name}".')
    if made.secrets == "file":
        say(f"Its secrets lie in {connectors.connections.secrets_file()}. Only your account may read that file, but whoever gets at it can act for you.")


@app.command()
def connections(ctx: typer.Context) -> None:
    """List the services that are connected."""
    found = connectors.connections.connections()
    if ctx.obj.json:
        with output.array(ctx) as writing:
            for one in found:
                writing.add(_facts(one))
        return
    if not found:
        say("Nothing is connected yet: `connect` does it, for quickbooks, autotask, xero or spectrum.")
        return
    shown = showing.table(["Name", "Service", "Organisation", "Secrets in", "Log in again before"], wide=["Organisation"])
    for one in found:
        shown.add_row(*map(showing.plain, (one.name, one.service, one.title or one.account, one.secrets, _day(connectors.connections.good_until(one)))))
    out().print(shown)


@app.command()
def disconnect(ctx: typer.Context, name: Name, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False) -> None:
    """Log out of a service, and forget the connection and its secrets. What was sent stays in the ledger."""
    one = connectors.connections.connection(name)
    asking.must_confirm(ctx.obj, f"Log out of {one.title or one.account} in {one.service}?", yes)
    left = connectors.connections.disconnect(one.name)
    if ctx.obj.json:
        with output.array(ctx) as writing:
            writing.add({"disconnected": one.name, "left": left})
        return
    say(f'The connection "{one.name}" is gone, and its secrets with it.')
    for sentence in left:
        say(sentence)


def _facts(one: Any) -> Mapping[str, Any]:
    settings = dict(one.settings)
    return {"name": one.name, "system": one.system, "account": one.account, "title": one.title, "settings": settings, "secrets": one.secrets}


def _day(moment: str) -> str:
    """2027-01-21T10:00:00+00:00 -> 21 Jan 2027; "" for none."""
    if not moment:
        return ""
    day = dt.datetime.fromisoformat(moment)
    return f"{day.day} {day:%b %Y}"


class Terminal:
    """The questions of a login, on the terminal. An empty answer stops the login."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open_browser(self, url: str) -> None:
        self._somebody()
        tell("Your browser opens. If it does not, open this address:")
        tell(url)
        webbrowser.open(url)

    def choose(self, title: str, options: Sequence[str]) -> int:
        self._somebody()
        tell(title)
        for number, option in enumerate(options, 1):
            tell(f"  {number}  {option}")
        said = self.text("Its number")
        if said and not (said.isdecimal() and 1 <= int(said) <= len(options)):
            raise CannotRun(f'"{said}" is not one of the numbers. Nothing was kept; start again.')
        return int(said or 0) - 1

    def text(self, prompt: str) -> str:
        return self._line(prompt)

    def secret(self, prompt: str) -> str:
        return self._line(f"{prompt} (not shown)", hide_input=True)

    def pasted(self) -> str:
        return self.text("The whole address")

    def tell(self, sentence: str) -> None:
        tell(sentence)

    def _line(self, prompt: str, **how: Any) -> str:
        """What is typed; "" for Ctrl+C and the end of input."""
        self._somebody()
        try:
            return str(typer.prompt(prompt, default="", show_default=False, err=True, **how)).strip()
        except typer.Abort:
            return ""

    def _somebody(self) -> None:
        if not self._session.interactive:
            raise CannotRun("Nothing was done: a login needs somebody to answer. Run it in a terminal, without --json.")
