"""Stand-ins that connectors are tested with: a clock that only passes when somebody waits, and a server that answers as it is told."""

import datetime as dt
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from invoice_rules.connectors.clock import Clock

START = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)


class FakeClock(Clock):
    """Time that passes when somebody sleeps; `slept` lists for how long."""

    def __init__(self, start: dt.datetime = START) -> None:
        self.time, self.slept = start, []

    def now(self) -> dt.datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += dt.timedelta(seconds=seconds)


def reply(status: int = 200, body: str | bytes = b"{}", **headers: object) -> bytes:
    """The bytes of an HTTP answer; header names with _ for -."""
    body = body.encode() if isinstance(body, str) else body
    named = {"Content-Type": "application/json", "Content-Length": len(body), "Connection": "close"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return f"HTTP/1.1 {status} X\r\n{''.join(f'{name}: {value}' + chr(13) + chr(10) for name, value in named.items())}\r\n".encode() + body


class Raw:
    """A server on loopback that answers connection after connection with the given: bytes as they are, or a function of the socket."""

    def __init__(self, *answers: bytes | Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> None:
        self.answers, self.requests, self._tls = list(answers), [], tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def serve(self) -> None:
        """Answer until the answers are used up; then nothing listens any more."""
        for answer in self.answers:
            try:
                one, _ = self._listening.accept()
            except OSError:
                return
            one.settimeout(10)
            with self._tls.wrap_socket(one, server_side=True) if self._tls else one as one:
                self.requests.append(_request(one))
                if callable(answer):
                    answer(one)
                else:
                    one.sendall(answer)
        self._listening.close()

    def close(self) -> None:
        self._listening.close()


@contextmanager
def answering(*answers: bytes | Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[Raw]:
    """A `Raw` server with these answers, for the time of the block; with `tls` it speaks https."""
    raw = Raw(*answers, tls=tls)
    thread = threading.Thread(target=raw.serve, daemon=True)
    thread.start()
    try:
        yield raw
    finally:
        raw.close()


def _request(one: socket.socket) -> bytes:
    """The whole request: head, and as much body as Content-Length says."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (part := one.recv(65536)):
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (part := one.recv(65536)):
        body += part
    return head + b"\r\n\r\n" + body


def reset(one: socket.socket) -> None:
    """Break the connection off so that the other side sees a reset."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(one: socket.socket) -> None:
    """Close without a word."""
    one.shutdown(socket.SHUT_RDWR)


def silent(seconds: float) -> Callable[[socket.socket], None]:
    """Say nothing for so long."""

    def wait(one: socket.socket) -> None:
        threading.Event().wait(seconds)

    return wait


def drip(one: socket.socket, what: bytes, seconds: float, each: float = 0.05) -> None:
    """Send a byte now and then, for so long or until nobody listens."""
    end = time.monotonic() + seconds
    for byte in what:
        if time.monotonic() > end:
            return
        try:
            one.sendall(bytes([byte]))
        except OSError:
            return
        threading.Event().wait(each)


def dripping(seconds: float) -> Callable[[socket.socket], None]:
    """A good head, then a byte now and then, for so long."""

    def body(one: socket.socket) -> None:
        one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        drip(one, b" " * 1000, seconds)

    return body
