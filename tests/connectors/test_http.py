"""`Session`: time limits, no second sending of a change, waits that are asked for, and only the chosen servers."""

import datetime as dt
import email.utils
import html
import json
import re
import socket
import threading
import time
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from invoice_rules import CannotRun
from invoice_rules.connectors import http
from invoice_rules.connectors.http import Auth, LoggedOut, Lost, NotReached, Pace, Refused, Session
from tests.connectors.certificates import certificates, speaking
from tests.connectors.faking import FakeClock, answering, drip, dripping, hang_up, reply, reset, silent
from tests.connectors.servers import free_port

HEADERS = {"Idempotency-Key": "k-1"}


class Key(Auth):
    """Sends a token; knows how to get another one, so many times."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.tokens[0]}"
        return request

    def renew(self) -> bool:
        self.tokens.pop(0)
        return True

    def hidden(self):
        return tuple(self.tokens)


class Held(Auth):
    """Holds a secret that it does not send."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def hidden(self):
        return (self.secret,)


def session(*addresses: str, **given) -> Session:
    return Session(addresses, **({"clock": FakeClock(), "name": "Xero", "login": "invoice-rules connect xero"} | given))


def write(raw, **given):
    one = session(raw.url, **{name: value for name, value in given.items() if name != "timeout"})
    return one.write("PUT", f"{raw.url}/Invoices", body=b'{"a":1}', headers=HEADERS, timeout=given.get("timeout", 5))


BROKEN = {
    "hung up": (hang_up,),
    "reset": (reset,),
    "no answer in time": (silent(2),),
    "drips": (dripping(3),),
    "garbage": (b"\x00\x01garbage\r\n\r\n",),
    "cut off": (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",),
    "bad chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",),
    "chunks without an end": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",),
    "not gzip": (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",),
    "its own failure": (reply(500),),
    "a gateway's failure": (reply(503, b"", Retry_After=1),),
    "sent elsewhere": (reply(307, b"", Location="/other"),),
    "sent to a strange place": (reply(302, b"", Location="ftp://x"),),
    "gave up waiting for us": (reply(408),),
}


@pytest.mark.parametrize("answers", BROKEN.values(), ids=BROKEN)
def test_a_change_without_a_plain_answer_is_lost_and_was_sent_once(answers):
    with answering(*answers, reply(200)) as raw:
        with pytest.raises(Lost, match="is not known"):
            write(raw, timeout=0.4)
        assert len(raw.requests) == 1


@pytest.mark.parametrize("name", ["hung up", "reset", "garbage", "cut off", "bad chunk", "chunks without an end", "not gzip", "a gateway's failure"])
def test_a_question_is_asked_again(name):
    clock = FakeClock()
    with answering(*BROKEN[name], *BROKEN[name], reply(200, b'{"x":1}')) as raw:
        assert session(raw.url, clock=clock).read("GET", raw.url + "/Invoices", timeout=5).body == b'{"x":1}'
        assert len(raw.requests) == 3
    assert clock.slept == [1, 2]


def _slow_to_end(one: socket.socket) -> None:
    """All but the last byte shortly before the time is over; a limit for each byte would begin anew."""
    one.sendall(b"HTTP/1.1 200 OK\r\n")
    threading.Event().wait(0.8)
    one.sendall(b"Content-Length: 3\r\n\r\n{")
    silent(3)(one)


def _slow_head(one: socket.socket) -> None:
    drip(one, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100, 3)


def _slow_chunks(one: socket.socket) -> None:
    drip(one, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 100, 3)


@pytest.mark.parametrize(("drips", "secure"), [(_slow_to_end, False), (_slow_head, False), (_slow_chunks, False), (_slow_to_end, True)])
def test_a_request_is_over_when_its_time_is_however_slowly_the_answer_comes(drips, secure, tmp_path):
    """Else it would still be on its way when we look whether it arrived."""
    files = certificates(tmp_path) if secure else None
    with answering(drips, tls=speaking(files) if files else None) as raw:
        one = session(raw.url, ca_file=str(files.authority) if files else "")
        begun = time.monotonic()
        with pytest.raises(Lost, match="no answer came in time"):
            one.write("PUT", raw.url, body=b"{}", headers=HEADERS, timeout=1)
        assert 0.9 < time.monotonic() - begun < 1.7


def test_a_question_is_asked_three_times_at_most():
    with answering(reset, reset, reset, reply(200)) as raw:
        with pytest.raises(NotReached, match=r"Xero could not be asked: the connection broke off\. Try again later\."):
            session(raw.url).read("GET", raw.url)
        assert len(raw.requests) == 3
    with answering(*[reply(503)] * 4) as raw:
        with pytest.raises(Refused, match="503") as refused:
            session(raw.url).read("GET", raw.url)
        assert refused.value.status == 503
        assert len(raw.requests) == 3


def test_nobody_there_means_that_nothing_was_sent():
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NotReached, match=r"Xero could not be reached: nothing answers at its address\. Nothing was sent\."):
        session(address).write("PUT", address, body=b"{}", headers=HEADERS)
    with pytest.raises(NotReached, match=r"its name is not known here \(is this computer on the network\?\)\. Nothing was sent\."):
        session("https://nobody.invalid").write("PUT", "https://nobody.invalid/x", body=b"{}", headers=HEADERS)


def test_a_good_answer_comes_whole_and_without_cookies():
    with answering(reply(200, b'{"ok":true}', Set_Cookie="a=PLANTED-SECRET", X_DayLimit_Remaining=17), reply(204, b"")) as raw:
        one = session(raw.url)
        answer = one.write("PUT", raw.url + "/Invoices", body=b'{"a":1}', headers=HEADERS)
        assert (answer.status, answer.body, answer.headers["x-daylimit-remaining"]) == (200, b'{"ok":true}', "17")
        assert "set-cookie" not in {name.lower() for name in answer.headers}
        assert one.write("PUT", raw.url, body=b"", headers={}).status == 204
        assert not one.cookies
        assert raw.requests[0].endswith(b'\r\n\r\n{"a":1}')
        assert b"Idempotency-Key: k-1" in raw.requests[0]
        assert b"cookie" not in raw.requests[1].lower()


REFUSALS = [
    (400, {"Message": "A validation exception occurred", "Elements": [{"ValidationErrors": [{"Message": "Account code 9 is not there."}]}]}, "A validation exception occurred; Account code 9 is not there"),
    (422, {"errors": ["webServiceDate is not a date", "id is missing"]}, "webServiceDate is not a date; id is missing"),
    (400, {"fault": {"error": [{"message": "Invalid", "detail": "Business Validation Error"}]}}, "Invalid; Business Validation Error"),
    (403, "<html>Forbidden</html>", r"refused the request \(403\)\."),
    (400, {"Message": "x" * 900}, "x{300}…"),
    (409, [], "409"),
]


@pytest.mark.parametrize(("status", "body", "words"), REFUSALS)
def test_a_plain_no_says_what_the_service_said(status, body, words):
    with answering(reply(status, body if isinstance(body, str) else json.dumps(body))) as raw, pytest.raises(Refused, match=words) as refused:
        write(raw)
    assert refused.value.status == status
    assert refused.value.body
    assert isinstance(refused.value, CannotRun)


def test_a_wait_that_is_asked_for_is_told_and_kept():
    clock, told = FakeClock(), []
    until = email.utils.format_datetime(clock.now() + dt.timedelta(seconds=47), usegmt=True)
    with answering(reply(429, Retry_After=40), reply(429, Retry_After=until), reply(429), reply(200)) as raw:
        assert write(raw, clock=clock, told=lambda *said: told.append(said)).status == 200
        assert len(set(raw.requests)) == 1
    assert clock.slept == [40, 7, 47]
    assert told == [("Xero asks us to wait.", 40), ("Xero asks us to wait.", 7), ("Xero asks us to wait.", 47)]


@pytest.mark.parametrize("after", ["66975", "301"])
def test_a_long_wait_is_refused_instead_of_slept(after):
    clock = FakeClock()
    with answering(reply(429, Retry_After=after)) as raw, pytest.raises(Refused, match=f"for another {-(-int(after) // 60):,} minutes"):
        write(raw, clock=clock)
    assert clock.slept == []


def test_waits_end_after_five_minutes_in_all():
    clock = FakeClock()
    with answering(*[reply(429, Retry_After=100)] * 5) as raw:
        with pytest.raises(Refused, match="takes no more requests for now"):
            session(raw.url, clock=clock).read("GET", raw.url)
        assert len(raw.requests) == 4
    assert sum(clock.slept) == 300


def test_a_token_that_ended_is_renewed_once():
    with answering(reply(401), reply(200)) as raw:
        assert write(raw, auth=Key("old-token", "new-token")).status == 200
        assert [b"Bearer old-token" in raw.requests[0], b"Bearer new-token" in raw.requests[1]] == [True, True]
    with answering(reply(401), reply(401), reply(200)) as raw:
        with pytest.raises(LoggedOut, match="Xero does not know us any more. Log in again: invoice-rules connect xero"):
            write(raw, auth=Key("old-token", "new-token", "another"))
        assert len(raw.requests) == 2
    with answering(reply(401), reply(200)) as raw, pytest.raises(LoggedOut):
        write(raw)


def test_the_last_look_before_a_request_leaves_comes_after_the_wait_for_a_token():
    """S2-44: a login server that answers slowly may outlast the quiet period."""
    clock, seen = FakeClock(), []

    class Slow(Key):
        def __call__(self, request):
            clock.sleep(130)
            return super().__call__(request)

    def look() -> None:
        seen.append((sum(clock.slept), len(raw.requests)))
        if len(seen) > 2:
            raise KeyError("taken over")

    with answering(reply(401), reply(200)) as raw:
        one = session(raw.url, clock=clock, auth=Slow("old-token", "new-token"))
        one.before = look
        assert one.write("PUT", raw.url, body=b"{}", headers=HEADERS).status == 200
        assert seen == [(130, 0), (260, 1)]
        with pytest.raises(KeyError, match="taken over"):
            one.write("PUT", raw.url, body=b"{}", headers=HEADERS)
        assert len(raw.requests) == 2


def test_only_the_chosen_servers_are_spoken_to():
    with answering(reply(200)) as raw, answering(reply(200)) as other:
        one = session(raw.url)
        for address in (other.url, f"https://127.0.0.1:{raw.port}/", f"http://localhost:{raw.port}", "https://evil.example", "file:///etc/passwd", "http://"):
            with pytest.raises(CannotRun, match="Nothing was sent|is not the address"):
                one.read("GET", address)
            with pytest.raises(CannotRun, match="Nothing was sent|is not the address"):
                one.write("PUT", address, body=b"", headers={})
        with pytest.raises(CannotRun, match="Nothing was sent"):
            one.get(other.url)
        with pytest.raises(CannotRun, match="must not hold a user name"):
            one.read("GET", raw.url.replace("//", "//ada:PLANTED-SECRET@"))
        assert not raw.requests
        assert not other.requests


def test_http_is_for_this_computer_only():
    one = Session(["http://erp.example", "https://erp.example"])
    with pytest.raises(CannotRun, match="must begin with https://"):
        one.read("GET", "http://erp.example/x")


def test_an_answer_that_points_elsewhere_is_not_followed():
    with answering(reply(200)) as other, answering(reply(302, b"", Location=other.url), reply(301, b"", Location="/there")) as raw:
        one = session(raw.url, auth=Key("token-of-ours"))
        for _ in range(2):
            with pytest.raises(Refused, match="30"):
                one.read("GET", raw.url)
        assert not other.requests


def test_no_proxy_and_no_netrc_for_this_computer(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password PLANTED-SECRET\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with answering(reply(200)) as proxy, answering(reply(200)) as raw:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert session(raw.url).read("GET", raw.url).status == 200
        assert b"authorization" not in raw.requests[0].lower()
        assert not proxy.requests


def test_a_company_s_proxy_is_asked_for_servers_outside(monkeypatch):
    with answering(reply(403)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(NotReached, match="the proxy did not let us through"):
            session("https://erp.invalid").write("PUT", "https://erp.invalid/x", body=b"secret", headers=HEADERS)
        assert proxy.requests[0].startswith(b"CONNECT erp.invalid:443")
        assert b"secret" not in proxy.requests[0]


def test_the_certificate_is_always_checked(tmp_path):
    one = session("https://127.0.0.1:1")
    assert one.verify is True
    ours = certificates(tmp_path).authority
    assert session("https://127.0.0.1:1", ca_file=str(ours)).verify == str(ours)
    with pytest.raises(CannotRun, match="is not the certificate of an authority"):
        session("https://127.0.0.1:1", ca_file=str(tmp_path / "none.pem"))
    seen = {}
    one.get_adapter("https://x").send = lambda request, **kwargs: seen.update(kwargs) or (_ for _ in ()).throw(OSError)
    with pytest.raises(OSError, match="^$"):
        one.get("https://127.0.0.1:1/", verify=False, allow_redirects=True)
    assert seen["verify"] is True
    assert seen["timeout"] == (http.CONNECT, http.READ)


def test_our_secrets_are_taken_out_of_what_is_kept():
    with answering(reply(400, json.dumps({"Message": "Token PLANTED-SECRET is odd"}))) as raw:
        with pytest.raises(Refused) as refused:
            write(raw, auth=Key("PLANTED-SECRET"))
        assert b"PLANTED-SECRET" in raw.requests[0]
    assert "PLANTED" not in str(refused.value) + repr(refused.value.answer)
    assert "PLANTED" not in repr(Key("PLANTED-SECRET")) + repr(session("x.example", auth=Key("PLANTED-SECRET")))


@pytest.mark.parametrize("secret", ['quote" and \\ back', "Ünïcode/+=", "plain-enough", "AB&CD<1'2>", "😀&clef", "k&9<", "12345"])
def test_secrets_are_found_however_they_are_written(secret):
    coded = "".join(f"&#{ord(letter)};" if not letter.isalnum() else letter for letter in secret)
    hexed = "".join(f"&#x{ord(letter):X};" if not letter.isalnum() else letter for letter in secret)
    wide = secret.encode("utf-16-be").hex().upper()
    units = [wide[at : at + 4] for at in range(0, len(wide), 4)]
    escaped = "".join(chr(int(unit, 16)) if chr(int(unit, 16)).isascii() and chr(int(unit, 16)).isalnum() else f"\\u{unit}" for unit in units)
    forms = [secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe="")]
    forms += [re.sub("%..", lambda found: found[0].lower(), quote(secret, safe=""))]
    forms += [escape(secret), escape(secret, {'"': "&quot;", "'": "&apos;"}), html.escape(secret), coded, hexed, escaped, secret.replace("/", "\\/")]
    for form in forms:
        held = session("https://x.example", auth=Held(secret))
        assert held._hide(f"<r>{form}</r>".encode()) == "<r>…</r>".encode(), form
    assert held._hide(secret[:-1].encode()) == secret[:-1].encode()
    with answering(reply(400, f"<r>{escape(secret)}</r>")) as raw, pytest.raises(Refused) as refused:
        write(raw, auth=Held(secret))
    assert refused.value.answer.body == "<r>…</r>".encode()


def test_too_large_an_answer_is_not_taken(monkeypatch):
    monkeypatch.setattr(http, "LARGEST", 1000)
    with answering(reply(200, b"x" * 5000)) as raw, pytest.raises(Lost):
        write(raw)


def test_a_change_never_goes_over_a_kept_connection():
    """One that the server has closed meanwhile would leave us in doubt."""

    def twice(one: socket.socket) -> None:
        one.sendall(reply(200, b"{}", Connection="keep-alive"))
        one.settimeout(1)
        assert one.recv(100) == b""

    with answering(twice, reply(200)) as raw:
        one = session(raw.url)
        one.read("GET", raw.url)
        assert one.write("PUT", raw.url, body=b"{}", headers=HEADERS).status == 200


def test_pace_spaces_calls():
    clock, told = FakeClock(), []
    pace = Pace(60, 60, clock)
    for _ in range(150):
        pace.wait(lambda *said: told.append(said), "Xero")
    assert clock.slept == [60, 60]
    assert told[0] == ("Xero takes 60 requests in 60 seconds; waiting for the next.", 60)
    with answering(reply(200), reply(200)) as raw:
        one = session(raw.url, clock=clock)
        one.pace = Pace(1, 10, clock)
        one.read("GET", raw.url)
        one.read("GET", raw.url)
    assert clock.slept == [60, 60, 10]
