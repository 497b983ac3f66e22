"""localstack-xero on loopback, behind Xero's own OpenAPI description, with faults on order.

    python -m tests.connectors.xeroserver --port 5001

serves the API (`/connections`, `/api.xro/2.0/…`) and, under `/_admin`, what tests steer it by: POST `/_admin/reset`; POST `/_admin/organisation` with
fields of `Organisation`; POST `/_admin/faults` with a list of `Fault` as JSON, DELETE takes them away; GET `/_admin/received` lists everything that
came; GET `/_admin/state` what is kept: contacts, invoices, creditNotes. In a test: `with running() as server:`.

The sink is merciless: it remembers no Idempotency-Key and takes a number as often as it comes, so that whatever is sent twice shows as a second
copy. POST `/_admin/organisation` {"unique": true, "remembers": true} gives it Xero's own guards. What localstack-xero lacks is in xerorules.py.
"""

import argparse
import io
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Request, Response
from xero_local.server import create_router
from xero_local.store import store

from tests.connectors import xerorules
from tests.connectors.servers import free_port
from tests.connectors.xerocontract import BASE, SPEC, Guard
from tests.connectors.xerorules import TENANT, Organisation


@dataclass
class Fault:
    """What goes wrong with requests of `method` to a path that begins with `path` ("/Invoices"; "" is any): from the one after `skip`, `times` times
    (0: always), each `every`-th.

    Beforehand `delay` seconds pass, and `after` seconds between the work and the answer. `commit` says whether the work is done at all. Then the answer
    is that of `status`, `headers` and `body` (as text), or none: `close` is "drop" (closed), "reset" (RST) or "half" (half of it, then closed). `total`
    is added to the totals of what is answered, `change` are fields that each answered item gets, `errors` what Xero says against an item by its number.
    """

    method: str = ""
    path: str = ""
    skip: int = 0
    times: int = 1
    every: int = 1
    delay: float = 0.0
    after: float = 0.0
    commit: bool = True
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    close: str = ""
    total: str = ""
    change: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    seen: int = 0

    def meets(self, method: str, path: str) -> bool:
        """Whether it is this request's turn; counts those that it could have been."""
        if not (self.method in ("", method) and path.startswith(self.path)):
            return False
        self.seen += 1
        turn = self.seen - self.skip - 1
        return turn >= 0 and turn % self.every == 0 and (self.times == 0 or turn // self.every < self.times)


@dataclass
class Received:
    """One request as it came, without its access token; `status` is 0 where nothing was answered, `guard` what the description says against it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str
    at: float
    status: int = 0
    guard: list[str] = field(default_factory=list)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Closed(ConnectionError):
    """The connection ends without a whole answer."""


class XeroServer:
    """The counterpart in this process: `url`, what it `received`, its `organisation`, its `faults`. localstack-xero has one store a process."""

    def __init__(self, port: int = 0, guarded: bool = True):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.guard = Guard(self.url) if guarded and SPEC.exists() else None
        self.lock = threading.RLock()
        self.inner_app = create_router().wsgi()
        self.reset()
        self.server: BaseWSGIServer = make_server("127.0.0.1", self.port, self, threaded=True, request_handler=_Quiet)

    def reset(self) -> None:
        store.reset()
        with self.lock:
            self.received: list[Received] = []
            self.faults: list[Fault] = []
            self.organisation = Organisation()
            self.remembered: dict[str, tuple[int, Any]] = {}

    # what tests ask

    def sent(self, method: str = "", path: str = "") -> list[Received]:
        """Requests of the API by method and path, `sent("PUT", "/Invoices")`."""
        return [one for one in self.received if one.method in (method or one.method) and one.path.startswith(path)]

    def refused(self) -> list[str]:
        """What the guard refused: our client has written something that Xero's description does not know."""
        return [f"{one.method} {one.path}: {text}" for one in self.received for text in one.guard]

    def state(self, tenant: str = TENANT) -> dict[str, list[dict[str, Any]]]:
        return {"contacts": store.list_contacts(tenant), "invoices": store.list_invoices(tenant), "creditNotes": store.list_credit_notes(tenant)}

    def contact(self, name: str, tenant: str = TENANT, **more: Any) -> str:
        """A contact that is there already; gives its ContactID."""
        made = store.create_contact({"Name": name}, tenant)["ContactID"]
        store.update_contact(made, more, tenant)
        return str(made)

    def change(self, contact: str, tenant: str = TENANT, **fields: Any) -> None:
        store.update_contact(contact, fields, tenant)

    # WSGI

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data(cache=True)
        if request.path.startswith("/_admin/"):
            return self._admin(request)(environ, start)
        path = request.path.removeprefix(BASE)
        came = Received(request.method, path, request.args.to_dict(), _without_token(request.headers), request.get_data(as_text=True), time.time())
        with self.lock:
            self.received.append(came)
            fault = next((one for one in self.faults if one.meets(request.method, path)), Fault(times=0))
        time.sleep(fault.delay)
        response = self._answer(request, path, came, fault)
        time.sleep(fault.after)
        self._close(environ, fault, response)
        came.status = response.status_code
        return response(environ, start)

    def _answer(self, request: Request, path: str, came: Received, fault: Fault) -> Response:
        came.guard = self.guard.errors(request) if self.guard else []
        if came.guard:
            return _json(422, {"guard": came.guard})
        status, made = self._work(request, path, fault) if fault.commit else (200, "")
        if isinstance(made, dict) and (fault.total or fault.change):
            made = json.loads(json.dumps(made))
            _alter(made, fault)
        if fault.status or fault.body is not None:
            return Response(fault.body or "", fault.status or status, fault.headers)
        return _json(status, made)

    def _work(self, request: Request, path: str, fault: Fault) -> tuple[int, Any]:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return 401, {"Type": None, "Title": "Unauthorized", "Status": 401, "Detail": "AuthenticationUnsuccessful"}
        tenant, key = request.headers.get("Xero-Tenant-Id", ""), request.headers.get("Idempotency-Key", "")
        if path != "/connections" and tenant not in self.organisation.tenants:
            return 403, {"Type": None, "Title": "Forbidden", "Status": 403, "Detail": "AuthenticationUnsuccessful"}
        with self.lock:
            if self.organisation.remembers and key in self.remembered:
                return self.remembered[key]
            made = self._dispatch(request, path, tenant, fault)
            if key:
                self.remembered[key] = made
            return made

    def _dispatch(self, request: Request, path: str, tenant: str, fault: Fault) -> tuple[int, Any]:
        def inner(method: str, to: str, body: Any = None) -> tuple[int, Any]:
            return self._inner(method, to, tenant, body, request.query_string.decode())

        _, name, *rest = path.split("/")
        if (made := xerorules.settings_of(self.organisation, path)) is not None:
            return made
        if name == "Contacts":
            if request.method == "GET":
                return xerorules.contact_by(rest[0], tenant) if rest else xerorules.list_contacts(request, tenant)
            given = json.loads(request.get_data())["Contacts"]
            return xerorules.post_contact(rest[0], given[0], tenant) if rest else xerorules.put_contacts(given, tenant)
        if request.method in ("PUT", "POST"):
            return xerorules.write_items(request, name, self.organisation, tenant, inner, fault.errors)
        return xerorules.credit_notes(request, tenant) if name == "CreditNotes" and not rest else inner(request.method, path)

    def _inner(self, method: str, path: str, tenant: str, body: Any, query: str) -> tuple[int, Any]:
        """The same from localstack-xero."""
        data = None if body is None else io.BytesIO(json.dumps(body).encode())
        headers = {"Authorization": "Bearer x", "Xero-Tenant-Id": tenant, "Content-Type": "application/json"}
        environ = EnvironBuilder(BASE + path, self.url, query if method == "GET" else "", method, data, headers=headers).get_environ()
        parts, status, _ = run_wsgi_app(self.inner_app, environ, buffered=True)
        text = b"".join(parts).decode()
        return int(status.split()[0]), json.loads(text, object_hook=_with_dates) if text.startswith(("{", "[")) else text

    def _close(self, environ: Mapping[str, Any], fault: Fault, response: Response) -> None:
        if not fault.close:
            return
        connection: socket.socket = environ["werkzeug.socket"]
        if fault.close == "half":
            whole = response.get_data()
            head = f"HTTP/1.1 {response.status_code} OK\r\nContent-Type: application/json\r\nContent-Length: {len(whole)}\r\n\r\n".encode()
            connection.sendall(head + whole[: len(whole) // 2])
        if fault.close == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(connection.detach())  # close() alone waits for the handler's own files on it
        else:
            connection.shutdown(socket.SHUT_RDWR)
        raise Closed

    def _admin(self, request: Request) -> Response:
        what = request.path.removeprefix("/_admin/")
        with self.lock:
            if what == "reset":
                self.reset()
            elif what == "organisation":
                self.organisation = Organisation(**{**asdict(self.organisation), **request.get_json()})
            elif what == "faults":
                self.faults = [Fault(**one) for one in request.get_json()] if request.method == "POST" else []
            elif what == "received":
                return _json(200, [asdict(one) for one in self.received])
            elif what == "state":
                return _json(200, self.state(request.args.get("tenant", TENANT)))
            else:
                return _json(404, {"there is": ["reset", "organisation", "faults", "received", "state"], "faults": [one.name for one in fields(Fault)]})
            return _json(200, {"done": what})


class _Quiet(WSGIRequestHandler):
    """Writes no log, and takes it that a connection was broken off on purpose."""

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def log(self, type: str, message: str, *args: Any) -> None:
        if type == "error":
            super().log(type, message, *args)


def _with_dates(part: dict[str, Any]) -> dict[str, Any]:
    """localstack-xero gives a blank for a date that is not set, which Xero leaves out."""
    return {name: value for name, value in part.items() if not ("Date" in name and value == "")}


def _without_token(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: "…" if name.lower() == "authorization" else value for name, value in headers.items()}


def _json(status: int, body: Any) -> Response:
    plain = isinstance(body, str)
    return Response(body if plain else json.dumps(body), status, mimetype="text/html" if plain else "application/json")


def _alter(answer: dict[str, Any], fault: Fault) -> None:
    for item in next((items for items in answer.values() if isinstance(items, list)), []):
        item.update(fault.change)
        if fault.total:
            item["Total"] = round(item.get("Total", 0) + float(fault.total), 2)


@contextmanager
def running(port: int = 0, guarded: bool = True) -> Iterator[XeroServer]:
    """The counterpart until the block ends."""
    made = XeroServer(port, guarded)
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join()
        made.server.server_close()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=5001)
    asked.add_argument("--unguarded", action="store_true")
    given = asked.parse_args()
    made = XeroServer(given.port, not given.unguarded)
    print(f"Xero on {made.url}, {'guarded' if made.guard else 'not guarded'}", flush=True)
    made.server.serve_forever()


if __name__ == "__main__":
    main()
