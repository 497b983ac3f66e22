"""oidc-provider, a login server that none of us wrote, and a person with a browser at it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests

from tests.connectors.servers import Server, free_port, needs, started

_HERE = Path(__file__).parent
_MAIN = Path("lib/index.js")


@dataclass(frozen=True)
class Oidc:
    """A running login server; `refreshes()` counts what it granted for refresh tokens so far."""

    url: str
    server: Server

    def granted(self, kind: str = "refresh_token") -> int:
        return self.server.output().count(f"grant.success {kind} ")

    def refused(self, kind: str = "refresh_token") -> int:
        return self.server.output().count(f"grant.error {kind} ")


@contextmanager
def oidc(seconds: int = 600) -> Iterator[Oidc]:
    """A login server whose access tokens are good for so many seconds."""
    port = free_port()
    argv = [needs("node"), "--no-warnings", _HERE / "counterparts" / "oidc.mjs", needs("oidc-provider") / _MAIN, port, seconds]
    with started(argv, "the login server listens") as server:
        yield Oidc(f"http://127.0.0.1:{port}", server)


class Browser:
    """A person with a browser: logs in, agrees, and is sent back. With `cancels` the person stops at the login."""

    def __init__(self, redirect: str, cancels: bool = False) -> None:
        self.redirect, self.cancels = redirect, cancels
        self.ended_at = ""
        self.page = ""

    def open(self, url: str) -> None:
        """Go through the pages until the browser is sent to the redirect address; go there too where it is on this computer."""
        with requests.Session() as session:
            session.trust_env = False
            answer = self._follow(session, session.get(url, allow_redirects=False, timeout=10))
            for _ in range(6):
                if self.ended_at:
                    break
                answer = self._follow(session, self._fill_in(session, answer))
            assert self.ended_at, answer.text
            if self.ended_at.startswith("http://"):
                self.page = session.get(self.ended_at, timeout=10).text

    def _follow(self, session: requests.Session, answer: requests.Response) -> requests.Response:
        while answer.is_redirect:
            target = urljoin(answer.url, answer.headers["Location"])
            if target.startswith(self.redirect):
                self.ended_at = target
                return answer
            answer = session.get(target, allow_redirects=False, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer

    def _fill_in(self, session: requests.Session, answer: requests.Response) -> requests.Response:
        if self.cancels:
            away = re.search(r'href="([^"]+/abort)"', answer.text).group(1)
            return session.get(urljoin(answer.url, away), allow_redirects=False, timeout=10)
        action = re.search(r'<form[^>]*action="([^"]+)"', answer.text).group(1)
        filled = dict(re.findall(r'name="(prompt)" value="([^"]+)"', answer.text)) | {"login": "ann", "password": "x"}
        return session.post(urljoin(answer.url, action), data=filled, allow_redirects=False, timeout=10)
