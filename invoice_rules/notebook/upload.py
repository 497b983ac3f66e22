"""Upload: a file dropped or chosen, sent in pieces so that its size is no matter to the server, and kept on disk."""

import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import traitlets

from invoice_rules import CannotRun
from invoice_rules.notebook.component import Component, beside
from invoice_rules.notebook.guard import Guard

CHUNK = 1_048_576
"""Bytes of a piece. The server's limit for one message is ten times that, and it says nothing when it is passed."""
MEGABYTE = 1_048_576
_UNSAFE = frozenset('<>:"/\\|?*')


class Upload(Component):
    """A place to drop a file on, or to choose one. `arrived` gets the path of the whole file.

    `limits`: bytes by the ending of the name, "" for all others; told and enforced in the browser and here.
    """

    _esm = beside("upload.js")
    _css = beside("upload.css")
    limits = traitlets.Dict().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    chunk = traitlets.Int(CHUNK).tag(sync=True)

    def __init__(self, guard: Guard, folder: Path, arrived: Callable[[Path], None]):
        self._folder, self._arrived = folder, arrived
        self._open: tuple[str, Path, BinaryIO, int] | None = None
        self._here: Path | None = None
        self._reply: dict[str, Any] = {}
        super().__init__(guard)

    def allow(self, limits: Mapping[str, int], hint: str) -> None:
        """Take files up to these sizes; `hint` says so."""
        self.limits, self.hint = dict(limits), hint

    def heard(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        """Take a message and answer it; one that came before, for its answer was lost or late, is answered as it was then."""
        turn, asked = str(message.get("turn")), {"turn": str(message.get("turn")), "number": message.get("number")}
        if asked != {name: self._reply.get(name) for name in asked}:
            self._reply = {**asked, **self._answer(turn, message, buffers)}
        self.send(self._reply)
        if self._here is not None:
            path, self._here = self._here, None
            self._arrived(path)

    def _answer(self, turn: str, message: dict[str, Any], buffers: list[memoryview]) -> dict[str, Any]:
        act = {"start": self._start, "piece": self._piece, "end": self._end}.get(str(message.get("kind")), self._unknown)
        try:
            return {"kind": "taken", "at": act(turn, message, buffers)}
        except CannotRun as refused:
            says = str(refused)
        except OSError as error:
            says = f"The file could not be kept here: {error.strerror or error}. Free some space, then try again."
        self._drop()
        return {"kind": "refused", "says": says}

    def _start(self, turn: str, message: dict[str, Any], _buffers: list[memoryview]) -> int:
        self._drop()
        name, size = safe_name(str(message.get("name"))), int(message.get("size") or 0)
        limit = self.limits.get(Path(name).suffix.lower(), self.limits.get("", 0))
        if size > limit:
            raise CannotRun(too_large(name, size, limit))
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir(parents=True, mode=0o700)
        path = folder / name
        self._open = (turn, path, path.open("xb"), size)
        return 0

    def _piece(self, turn: str, message: dict[str, Any], buffers: list[memoryview]) -> int:
        _, path, out, size = self._expected(turn)
        data = b"".join(bytes(part) for part in buffers)
        if message.get("at") != out.tell() or out.tell() + len(data) > size:
            raise CannotRun(f"{path.name} did not arrive as it was sent. Choose it again.")
        out.write(data)
        return out.tell()

    def _end(self, turn: str, _message: dict[str, Any], _buffers: list[memoryview]) -> int:
        _, path, out, size = self._expected(turn)
        if out.tell() != size:
            raise CannotRun(f"{path.name} did not arrive whole. Choose it again.")
        out.close()
        self._open, self._here = None, path
        return size

    def _unknown(self, _turn: str, _message: dict[str, Any], _buffers: list[memoryview]) -> int:
        raise CannotRun("The page sent something that is no part of a file. Load it anew.")

    def _expected(self, turn: str) -> tuple[str, Path, BinaryIO, int]:
        if self._open is None or self._open[0] != turn:
            raise CannotRun("This upload was given up. Choose the file again.")
        return self._open

    def _drop(self) -> None:
        """Give up what was begun."""
        if self._open is not None:
            _, path, out, _ = self._open
            out.close()
            shutil.rmtree(path.parent, ignore_errors=True)
            self._open = None


def too_large(name: str, size: int, limit: int) -> str:
    """The sentence for a file that is larger than may be."""
    return f"{name} has {size / MEGABYTE:,.1f} MB. These rules take files up to {limit / MEGABYTE:g} MB. Split the file, or ask for a smaller one."


def safe_name(name: str) -> str:
    """The name of an uploaded file as it may stand in a folder here; what the browser says may be anything.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\\\May\\\\a:b.csv"), safe_name("..."), safe_name("\\x00May\\n.csv")
    ('passwd', 'a_b.csv', 'file', 'May.csv')
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join("_" if c in _UNSAFE else c for c in last if c.isprintable()).strip(" .")
    stem, ending = Path(kept).stem, Path(kept).suffix
    return (stem.encode()[:100].decode(errors="ignore") + ending[:10]) or "file"
