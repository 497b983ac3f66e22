"""The login in the browser: where it comes back to, and the tokens that it gives.

It comes back to this computer, or, where a service wants an https address, to a page whose whole address the person pastes. Only the answer to our own
question counts (state); a login that is not finished leaves nothing. Source: behaviour S4-5.
"""

import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.common.security import generate_token

from invoice_rules.connectors.addresses import is_loopback
from invoice_rules.connectors.asking import Ask, Cancelled, Watched
from invoice_rules.connectors.oauth import LoginServer, Tokens
from invoice_rules.errors import CannotRun

LONGEST = 600.0
"""Seconds that a person has for the login in the browser."""

_STEP = 0.5
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Invoice Rules</title>'
    "<style>body{font:16px/1.5 system-ui,sans-serif;margin:4em auto;max-width:32em;padding:0 1em;color-scheme:light dark}</style><h1>%s</h1><p>%s</p></html>"
)
_DONE = ("Thank you", "Invoice Rules has what it needs. You can close this window and go back.")
_OVER = ("The login was cancelled", "Nothing was sent, and nothing was kept. You can close this window and go back.")
_STRANGE = ("This page is not for you", "Nobody here waits for this answer. If you were logging in, start again from Invoice Rules.")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


def log_in(server: LoginServer, ask: Ask, *, title: str, redirect: str, scopes: str, pkce: bool, paste: bool = False) -> tuple[Tokens, dict[str, str]]:
    """Tokens, and what else came back with the browser (QuickBooks: realmId). Raises Cancelled where the person does not go on."""
    verifier = generate_token(64) if pkce else ""
    address, state = server.begin(redirect, scopes, verifier)
    if paste or not is_loopback(redirect):
        came_back = _pasted(ask, address, redirect, title)
    else:
        came_back = _caught(ask, address, redirect, state, title)
    said = answers(came_back)
    if not hmac.compare_digest(said.get("state", "").encode(), state.encode()):
        raise CannotRun(f"What came back is not the answer to this login at {title}. Nothing was kept; start again.")
    if "error" in said or "code" not in said:
        raise Cancelled(title) if said.get("error", "access_denied") == "access_denied" else refused(title, said["error"])
    return server.finish(redirect, came_back.partition("#")[0], state, verifier), said


def answers(address: str) -> dict[str, str]:
    """What an address says after its "?"."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}


def refused(title: str, error: str) -> CannotRun:
    """The service did not let the person in: why, in its own word."""
    shown = "".join(letter for letter in error if letter.isalnum() or letter in "_-")[:60]
    return CannotRun(f"{title} did not let you in ({shown}). Check the client id, the scopes and the redirect address of your app there. Nothing was kept.")


def _pasted(ask: Ask, address: str, redirect: str, title: str) -> str:
    ask.tell(f"Log in at {title} in the browser. When the page at {redirect} comes up, even if it shows an error, copy its whole address.")
    ask.open_browser(address)
    pasted = ask.pasted()
    if not pasted.strip():
        raise Cancelled(title)
    return _checked(pasted, redirect, title)


def _checked(pasted: str, redirect: str, title: str) -> str:
    """A pasted address, if it is the one that the browser was sent to."""
    pasted = pasted.strip().strip("\"'<>")
    if pasted.partition("?")[0].rstrip("/") != redirect.rstrip("/") or not answers(pasted):
        raise CannotRun(f"That is not the address that {title} sent the browser to: it begins with {redirect}?. Copy the whole of it. Nothing was kept.")
    return pasted


def _caught(ask: Ask, address: str, redirect: str, state: str, title: str) -> str:
    with _waiting(redirect, state) as waiting:
        ask.open_browser(address)
        ask.tell(f"Waiting for the login at {title} in the browser. Ctrl+C stops.")
        left = LONGEST
        while not waiting.done.wait(_STEP) and left > 0:
            left -= _STEP
            if isinstance(ask, Watched) and (pasted := ask.waited()):
                waiting.came_back = waiting.came_back or _checked(pasted, redirect, title)
                break
    if not waiting.came_back:
        raise CannotRun(f"Nobody logged in at {title} for {LONGEST / 60:.0f} minutes. Nothing was kept; start again.")
    return waiting.came_back


class _Waiting(ThreadingHTTPServer):
    """Waits on this computer for the browser to come back with our state; everything else is turned away."""

    allow_reuse_address = os.name != "nt"  # there it would let two programs have one port
    daemon_threads = True

    def __init__(self, redirect: str, state: str) -> None:
        parts = urlsplit(redirect)
        self.path, self.state, self.base = parts.path or "/", state, f"{parts.scheme}://{parts.netloc}"
        self.done, self.came_back = Event(), ""
        host = "127.0.0.1" if parts.hostname == "localhost" else str(parts.hostname)
        super().__init__((host, parts.port or 80), _Answering)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no trouble."""


class _Answering(BaseHTTPRequestHandler):
    timeout = 10
    server: _Waiting

    def do_GET(self) -> None:
        said, ours = answers(self.path), self.server
        if urlsplit(self.path).path != ours.path or not hmac.compare_digest(said.get("state", "").encode(), ours.state.encode()):
            self._page(404, *_STRANGE)
            return
        self._page(200, *(_OVER if "error" in said else _DONE))
        ours.came_back = ours.came_back or ours.base + self.path
        ours.done.set()

    def _page(self, status: int, heading: str, text: str) -> None:
        body = (_PAGE % (heading, text)).encode()
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the address holds the code of the login."""


@contextmanager
def _waiting(redirect: str, state: str) -> Iterator[_Waiting]:
    try:
        waiting = _Waiting(redirect, state)
    except OSError:
        raise CannotRun(
            f"Another program uses the address {redirect} on this computer. Close it, or give your app another redirect address and name it with --redirect."
        ) from None
    thread = Thread(target=waiting.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield waiting
    finally:
        waiting.shutdown()
        waiting.server_close()
        thread.join()
