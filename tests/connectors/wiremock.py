"""WireMock, a server that none of us wrote: it answers as it is told, breaks the line as it is told, and keeps a journal of what it was sent.

The fixture `wiremock` of conftest.py gives one that is started once a worker and is empty at the start of each test; its module wants
`pytestmark = pytest.mark.xdist_group("wiremock")`.
"""

import base64
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from tests.connectors.certificates import PASSWORD, Certificates, certificates
from tests.connectors.servers import free_port, needs, started

JAR = "wiremock/build/wiremock-standalone-3.13.2.jar"
RESET, EMPTY, MALFORMED, GARBAGE = "CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE"
FAULTS = (RESET, EMPTY, MALFORMED, GARBAGE)
"""How the line can break after the server has the whole request: it is in the journal each time."""


@dataclass(frozen=True)
class Request:
    """One request of the journal. Names of headers are in lower case; `at` is in milliseconds since 1970."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    at: int

    def json(self) -> Any:
        """The body, with numbers as Decimals."""
        return json.loads(self.body, parse_float=Decimal)


def answer(
    status: int = 200, body: object = None, *, headers: Mapping[str, str] | None = None, delay: float = 0, fault: str = "", proxy: str = ""
) -> dict[str, Any]:
    """What WireMock shall answer. `body` is text, bytes or anything that becomes JSON; `delay` is in seconds; `fault` is one of FAULTS; `proxy` asks another server."""
    made: dict[str, Any] = {"status": status, "headers": dict(headers or {})}
    if isinstance(body, str | bytes):
        made["base64Body"] = base64.b64encode(body if isinstance(body, bytes) else body.encode()).decode()
    elif body is not None:
        made |= {"jsonBody": body, "headers": {"Content-Type": "application/json", **made["headers"]}}
    if proxy:
        made = {"proxyBaseUrl": proxy}
    return made | ({"fixedDelayMilliseconds": round(delay * 1000)} if delay else {}) | ({"fault": fault} if fault else {})


def asked(
    method: str = "ANY",
    path: str = "",
    *,
    user: tuple[str, str] | None = None,
    headers: Mapping[str, Any] | None = None,
    body: Sequence[str | Mapping[str, Any]] = (),
    **more: Any,
) -> dict[str, Any]:
    """What a request must be like to be meant. `path` is a path, or a pattern where it starts with "~"; `user` name and password; a text in `body` is a JSONPath
    that must find something, and one in `headers` the header's value; `more` is WireMock's own (queryParameters=…)."""
    made: dict[str, Any] = {"method": method, **more}
    made |= {"urlPathPattern": path[1:] or ".*"} if path.startswith("~") or not path else {"urlPath": path}
    if user:
        made["basicAuth"] = {"username": user[0], "password": user[1]}
    if headers:
        made["headers"] = {name: {"equalTo": value} if isinstance(value, str) else value for name, value in headers.items()}
    if body:
        made["bodyPatterns"] = [{"matchesJsonPath": part} if isinstance(part, str) else part for part in body]
    return made


@dataclass(frozen=True)
class WireMock:
    """A running WireMock: http at `url`, https at `secure`, whose certificate the authority in `certificates` vouches for."""

    url: str
    secure: str
    certificates: Certificates

    def stub(self, request: Mapping[str, Any], response: Mapping[str, Any], *, priority: int = 5, **more: Any) -> None:
        """Answer `asked(…)` with `answer(…)`. Of several that fit the lowest priority wins, then the newest."""
        self._admin("POST", "mappings", {"request": request, "response": response, "priority": priority, **more})

    def scenario(self, name: str, request: Mapping[str, Any], *responses: Mapping[str, Any], priority: int = 5) -> None:
        """Answer the first time with the first response and so on; the last one stays."""
        states = ["Started", *(f"after {at}" for at in range(1, len(responses)))]
        for state, following, response in zip(states, [*states[1:], states[-1]], responses, strict=True):
            self.stub(request, response, priority=priority, scenarioName=name, requiredScenarioState=state, newScenarioState=following)

    def requests(self, method: str = "ANY", path: str = "", **like: Any) -> list[Request]:
        """The journal, oldest first: all of it, or what is like `asked(…)`."""
        found = self._admin("POST", "requests/find", asked(method, path, **like))["requests"]
        return sorted((_request(one) for one in found), key=lambda one: one.at)

    def count(self, method: str = "ANY", path: str = "", **like: Any) -> int:
        """How many requests of the journal are like that."""
        return int(self._admin("POST", "requests/count", asked(method, path, **like))["count"])

    def forget(self) -> None:
        """Empty the journal; what shall be answered stays."""
        self._admin("DELETE", "requests")

    def clear(self) -> None:
        """No answers, no scenarios, no journal."""
        self._admin("POST", "reset")

    def _admin(self, method: str, what: str, body: object = None) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            found = session.request(method, f"{self.url}/__admin/{what}", json=body, timeout=20)
        assert found.ok, f"WireMock refuses {what}: {found.status_code} {found.text[:500]}"
        return found.json() if found.content.strip() else None


def _request(found: Mapping[str, Any]) -> Request:
    headers = {name.lower(): value for name, value in found.get("headers", {}).items()}
    return Request(found["method"], found["url"], headers, base64.b64decode(found.get("bodyAsBase64", "")), int(found["loggedDate"]))


@contextmanager
def wiremock(folder: Path | None = None) -> Iterator[WireMock]:
    """Start WireMock on two free ports of loopback; stop it when the block ends."""
    java, jar = needs("java"), needs(JAR)
    with tempfile.TemporaryDirectory(prefix="wiremock-") as own:
        made, port, secure = certificates(Path(own)), free_port(), free_port()
        server = WireMock(f"http://127.0.0.1:{port}", f"https://127.0.0.1:{secure}", made)
        quick = [java, "-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Duser.home={own}", "-jar", jar]
        listen = ["--bind-address", "127.0.0.1", "--port", port, "--https-port", secure, "--root-dir", own, "--disable-banner", "--disable-extensions-scanning"]
        tls = ["--https-keystore", made.keystore, "--keystore-type", "PKCS12", "--keystore-password", PASSWORD, "--key-manager-password", PASSWORD]
        with started([*quick, *listen, *tls], f"{server.url}/__admin/health", cwd=folder or Path(own)):
            yield server
