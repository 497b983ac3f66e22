"""Answers that come whole within the time limit of their request, or not at all: also from a server that sends a byte now and then.

The time limit of a socket begins anew with every byte; here it shrinks toward the end of the request, in the head of an answer and in its body.
"""

import http.client
import io
import socket
import time
from typing import Any

import requests
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


class _Shrinking(io.RawIOBase):
    """What comes from a socket, until its time limit from now on is over."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock
        limit = sock.gettimeout()
        self._end = None if limit is None else time.monotonic() + limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._end is not None:
            rest = self._end - time.monotonic()
            if rest <= 0:
                raise TimeoutError("the answer took too long")
            self._sock.settimeout(rest)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that is read so."""

    def __init__(self, sock: socket.socket, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        self.fp: io.BufferedReader = io.BufferedReader(_Shrinking(self.fp.detach(), sock))


class _Plain(HTTPConnection):
    response_class = _Response


class _Secure(HTTPSConnection):
    response_class = _Response


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


class Adapter(requests.adapters.HTTPAdapter):
    """Sends requests that are over when their time limit is, from the first try to reach the server to the last byte of the answer."""

    def send(self, request: requests.PreparedRequest, stream: bool = False, timeout: Any = None, *given: Any, **named: Any) -> requests.Response:
        """`timeout` is (seconds to reach the server, seconds in all)."""
        connect, whole = timeout
        limit: Any = urllib3.Timeout(connect=connect, read=whole, total=whole)  # requests takes it, though its types do not say so
        return super().send(request, stream, limit, *given, **named)

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        _bound(self.poolmanager)

    def proxy_manager_for(self, *given: Any, **named: Any) -> Any:
        """The manager of a proxy, bound alike."""
        return _bound(super().proxy_manager_for(*given, **named))


def _bound(manager: Any) -> Any:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return manager
