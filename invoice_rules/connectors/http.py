"""One way to talk to a service: `Session`, which always has a time limit, speaks to the chosen servers only and never sends a change twice by itself.

What comes of a request is an `Answer`, or an exception that says what is known:
`Refused` (the service plainly said no: nothing was done), `NotReached` (nothing left this computer), `LoggedOut`, or `Lost` (nobody knows).
"""

import re
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

import requests
import urllib3
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies

from invoice_rules.connectors.addresses import allowed, is_loopback, place
from invoice_rules.connectors.clock import Clock
from invoice_rules.connectors.deadlines import Adapter
from invoice_rules.connectors.failures import LoggedOut, Lost, NotReached, Refused, hopeless, reason, unsent, words
from invoice_rules.connectors.pacing import MOST, Pace, Told, pause
from invoice_rules.errors import CannotRun
from invoice_rules.results import Answer
from invoice_rules.trouble import without_secrets

__all__ = ["Auth", "LoggedOut", "Lost", "NotReached", "Pace", "Refused", "Session"]

CONNECT, READ, WRITE = 10.0, 60.0, 100.0
"""Time limits in seconds: to reach the server, and for the whole answer to a question and to a change."""

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest answer that is taken."""

_TRIES = 3
_PASSING = (502, 503, 504)
_UNSURE = (408,)
_SHORTEST = 4
_NAMED = {"&": b"amp", "<": b"lt", ">": b"gt", '"': b"quot", "'": b"apos"}
_KEPT_OUT = ("set-cookie", "www-authenticate", "authorization", "proxy-authenticate")


class Auth(requests.auth.AuthBase):
    """What proves to a service who asks. It never shows what it holds."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request

    def renew(self) -> bool:
        """After the service did not know us: whether it is worth one more try, with a new token."""
        return False

    def of(self, company: str) -> "Auth":
        """The same for another company of this connection, where the service lets each in by itself (Spectrum)."""
        return self

    def hidden(self) -> tuple[str, ...]:
        """The secrets, to be taken out of whatever is shown or kept."""
        return ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class Session(requests.Session):
    """Requests to one service.

    `hosts` are the only servers it speaks to, as addresses or host[:port]; https, but on this computer. `name` is the service in messages, `login` the
    command that logs in again. `told(sentence, seconds)` hears of every wait. `pace`, where it is set, spaces the requests, and `before` is called right
    before each leaves, after all waiting, that for a new token too; it may raise to keep it back.
    """

    def __init__(
        self,
        hosts: Collection[str],
        *,
        ca_file: str = "",
        clock: Clock | None = None,
        told: Told | None = None,
        auth: Auth | None = None,
        name: str = "The service",
        login: str = "invoice-rules connect",
    ) -> None:
        super().__init__()
        self.hosts = frozenset(place(host) for host in hosts)
        self.clock, self.told, self.name, self.login = clock or Clock(), told, name, login
        self.auth = self.proof = auth or Auth()
        self.pace: Pace | None = None
        self.before: Callable[[], None] | None = None
        for scheme in ("https://", "http://"):
            self.mount(scheme, Adapter())
        self.trust_env = False  # no .netrc and no proxy for this computer; `send` takes the proxies of the environment
        self.verify = _authority(ca_file) if ca_file else True
        self.headers["User-Agent"] = "invoice-rules"
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def __repr__(self) -> str:
        return f"Session({sorted(f'{host}:{port}' for _, host, port in self.hosts)})"

    def speak_for(self, company: str) -> None:
        """Ask as this company from now on; raises CannotRun where the connection is not one of it."""
        self.auth = self.proof = self.proof.of(company)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Every request passes here: only to the chosen servers, with a time limit, with the certificate checked, never on to another address."""
        address = str(request.url)
        allowed(address, self.hosts)
        proxies = {} if is_loopback(address) else get_environ_proxies(address, no_proxy=None)
        kwargs |= {"allow_redirects": False, "verify": self.verify, "proxies": proxies, "timeout": kwargs.get("timeout") or (CONNECT, READ)}
        if self.before:
            self.before()
        return super().send(request, **kwargs)

    def read(self, method: str, url: str, *, timeout: float = READ, **given: Any) -> Answer:
        """A question that changes nothing; `given` is params, headers, data. Asked up to three times while the service cannot be reached."""
        for left in reversed(range(_TRIES)):
            try:
                answer = self._waited(method, url, timeout, given)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                if not left or hopeless(error):
                    raise NotReached(f"{self.name} could not be asked: {reason(error)}. Try again later.", Answer(0)) from None
            else:
                if not left or answer.status not in _PASSING:
                    return self._good(answer)
            self.clock.sleep(float(_TRIES - left))
        raise AssertionError("the last try gives or raises")

    def write(self, method: str, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float = WRITE, params: Mapping[str, str] | None = None) -> Answer:
        """A change, sent once; again only where the service said that nothing was done (429, or 401 and a new token).

        Raises Refused, NotReached or LoggedOut where nothing was done, Lost where nobody knows.
        """
        self.close()  # on a connection of its own: one that the server has meanwhile closed would leave us in doubt
        try:
            answer = self._waited(method, url, timeout, {"data": body, "headers": headers, "params": params})
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            if unsent(error):
                raise NotReached(f"{self.name} could not be reached: {reason(error)}. Nothing was sent.", Answer(0)) from None
            raise Lost(f"{self.name} did not answer: {reason(error)}. Whether it took what was sent is not known.") from None
        if answer.status >= 500 or 300 <= answer.status < 400 or answer.status in _UNSURE:
            raise Lost(f"{self.name} answered with {answer.status}{words(answer)}. Whether it took what was sent is not known.", answer)
        return self._good(answer)

    def _waited(self, method: str, url: str, timeout: float, given: Mapping[str, Any]) -> Answer:
        """The answer, after waiting as long as the service asks us to (429), and with a new token where the old one had ended (401)."""
        waited, renewed = 0.0, False
        while True:
            answer = self._once(method, url, timeout, given)
            if answer.status == 401 and not renewed and self.proof.renew():
                renewed = True
                continue
            if answer.status != 429:
                return answer
            seconds = pause(answer, self.clock, waited)
            if waited + seconds > MOST:
                return answer
            if self.told:
                self.told(f"{self.name} asks us to wait.", seconds)
            self.clock.sleep(seconds)
            waited += seconds

    def _once(self, method: str, url: str, timeout: float, given: Mapping[str, Any]) -> Answer:
        allowed(url, self.hosts)
        if self.pace:
            self.pace.wait(self.told, self.name)
        end = time.monotonic() + timeout
        with self.request(method, url, timeout=(CONNECT, timeout), stream=True, **given) as response:
            body = bytearray()
            while part := response.raw.read1(65536, decode_content=True):
                body += part
                if time.monotonic() > end or len(body) > LARGEST:
                    raise requests.ReadTimeout("the answer took too long or is too large")
            headers = {name: value for name, value in response.headers.items() if name.lower() not in _KEPT_OUT}
            return Answer(response.status_code, self._hide(bytes(body)), CaseInsensitiveDict(headers))

    def _hide(self, body: bytes) -> bytes:
        """The body without our own secrets, should the service repeat them."""
        for secret in self.proof.hidden():
            if len(secret) >= _SHORTEST:
                body = re.sub(b"".join(map(_forms, secret)), "…".encode(), body)
        return body

    def _good(self, answer: Answer) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        if answer.status == 401:
            raise LoggedOut(f"{self.name} does not know us any more. Log in again: {self.login}")
        if answer.status == 429:
            raise Refused(f"{self.name} takes no more requests for now{_until(answer)}. Nothing was lost; go on later.", answer)
        raise Refused(without_secrets(f"{self.name} refused the request ({answer.status}){words(answer)}."), answer)


def _forms(letter: str) -> bytes:
    """A pattern of a letter however it is written: as it is, and where it is none of A-Z and 0-9 also as in JSON, XML and addresses."""
    plain = re.escape(letter.encode())
    if letter.isascii() and letter.isalnum():
        return plain
    units = letter.encode("utf-16-be").hex()
    escaped = "".join(rf"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)).encode()
    percent = quote(letter, safe="").encode() if not letter.isascii() else b"%%%02x" % ord(letter)
    coded = b"&(?:#0*%d|#x0*%x%s);" % (ord(letter), ord(letter), b"|" + _NAMED[letter] if letter in _NAMED else b"")
    return rb"(?:\\?%s|(?i:%s|%s|%s))" % (plain, escaped, percent, coded)


def _authority(file: str) -> str:
    """The file of a certificate authority; raises CannotRun for one that is not there, or is something else."""
    try:
        ssl.create_default_context(cafile=file)
    except OSError:
        raise CannotRun(f"{file} is not the certificate of an authority, or cannot be read. Ask for it as a PEM file, and name it with --ca-file.") from None
    return file


def _until(answer: Answer) -> str:
    after = str(answer.headers.get("Retry-After", ""))
    return f", for another {-(-int(after) // 60):,} minutes" if after.isdecimal() and int(after) > 60 else ""
