"""A disk that loses power: what an act wrote is recorded (strace), and disks are made on which what was not synced is partly missing.

The model is stricter than most disks: a write that was not synced may be lost, or torn at a sector; a file that was made or
unlinked, and a folder that was made, may be as before until its folder was synced; each independently of the others.
"""

import os
import random
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.store import faults
from tests.store.children import Say

_SECTOR = 512
_CALLS = "pwrite64,write,fdatasync,fsync,ftruncate,unlink,openat,mkdir,rename,close"
_UNFINISHED = " <unfinished ...>\n"
_HEX = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Op:
    """write, truncate, make, unlink, folder or rename of a path; sync of one; or `told`, with what was told."""

    what: str
    path: str
    at: int = 0
    data: bytes = b""
    other: str = ""


def recorded(act: Callable[[Say], object], folder: Path) -> list[Op]:
    """Everything that the act did under the folder, and what it told, in order."""
    with tempfile.NamedTemporaryFile("r", suffix=".strace") as log:
        told, _ = faults.traced(act, "-xx", "-y", "-s", "70000", "-o", log.name, "-e", f"trace={_CALLS}")
        assert told[-1] == "DONE", told
        return [op for line in _whole(log) for op in _ops(line, os.fspath(folder))]


def _whole(log: Iterable[str]) -> Iterator[str]:
    """The lines of the log, a call that another thread interrupted in one piece, where it ended."""
    begun: dict[str, str] = {}
    for line in log:
        thread = line.split(maxsplit=1)[0]
        if line.endswith(_UNFINISHED):
            begun[thread] = line.removesuffix(_UNFINISHED)
        elif resumed := re.match(r"\d+\s+<\.\.\. \w+ resumed>(.*)", line):
            yield begun.pop(thread) + resumed[1]
        else:
            yield line


def _ops(line: str, folder: str) -> Iterator[Op]:
    call = re.match(r"\d+\s+(\w+)\((.*)\)\s+= (-?\d+)", line)
    if call is None or int(call[3]) < 0:
        return
    name, given = call[1], call[2]
    on = re.match(r"(?:\d+|AT_FDCWD)<([^>]*)>", given)
    file = _text(on[1]) if on else ""
    strings = [bytes.fromhex(text.replace("\\x", "")) for text in _HEX.findall(given.replace(on[0], "", 1) if on and name == "openat" else given)]
    if name == "write" and file.startswith("pipe:") and strings[0].startswith(b"TOLD"):
        yield Op("told", "", data=strings[0])
    elif name in ("mkdir", "unlink", "rename"):
        paths = [os.fsdecode(text) for text in strings]
        if paths[0].startswith(folder):
            yield Op({"mkdir": "folder"}.get(name, name), paths[0], other=paths[-1])
    elif name == "openat":
        path = os.fsdecode(strings[0])
        if path.startswith(folder) and "O_CREAT" in given:
            yield Op("make", path)
    elif file.startswith(folder):
        numbers = [int(n) for n in re.findall(r", (\d+)", _HEX.sub("", given))]
        if name == "pwrite64":
            yield Op("write", file, numbers[-1], strings[0])
        elif name in ("fsync", "fdatasync"):
            yield Op("sync", file)
        elif name == "ftruncate":
            yield Op("truncate", file, numbers[-1])


def _text(shown: str) -> str:
    return os.fsdecode(bytes.fromhex(shown.replace("\\x", ""))) if shown.startswith("\\x") else shown


@dataclass
class Disk:
    """What lies on the disk for sure, and what waits to get there."""

    files: dict[str, bytearray] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    waiting: list[Op] = field(default_factory=list)

    def do(self, op: Op) -> None:
        if op.what == "sync":
            self._sync(op.path)
            return
        if op.what == "make" and (op.path in self.files or any(w.what == "make" and w.path == op.path for w in self.waiting)) and not self._leaving(op.path):
            return
        if op.what == "make" and self._leaving(op.path):  # a name that is made again: what happened to it before comes first
            self._settle(lambda waiting: waiting.path == op.path)
        self.waiting.append(op)

    def _leaving(self, path: str) -> bool:
        """Whether the last thing that waits for a name is its end."""
        mine = [w.what for w in self.waiting if w.path == path and w.what in ("make", "unlink", "rename")]
        return bool(mine) and mine[-1] != "make"

    def _sync(self, path: str) -> None:
        """A file's content, or the names in a folder; a synced file whose name is lost is lost all the same."""
        self._settle(lambda op: op.path == path if op.what in ("write", "truncate") else str(Path(op.path).parent) == path)

    def _settle(self, chosen: Callable[[Op], bool]) -> None:
        mine = [op for op in self.waiting if chosen(op)]
        self.waiting = [op for op in self.waiting if not chosen(op)]
        for op in mine:
            self._reach(op, op.data)

    def _reach(self, op: Op, data: bytes) -> None:
        if op.what == "write":
            file = self.files.setdefault(op.path, bytearray())
            file.extend(bytes(max(0, op.at - len(file))))
            file[op.at : op.at + len(data)] = data
        elif op.what == "truncate":
            file = self.files.setdefault(op.path, bytearray())
            file[:] = file[: op.at] + bytes(max(0, op.at - len(file)))
        elif op.what == "unlink":
            self.files.pop(op.path, None)
        elif op.what == "folder":
            self.folders.add(op.path)
        elif op.what == "make":
            self.files.setdefault(op.path, bytearray())
        elif op.what == "rename":
            self.files[op.other] = self.files.pop(op.path, bytearray())

    def lose_power(self, chance: random.Random) -> dict[str, bytes]:
        """The files that are found afterwards: of what waited, anything may have reached the disk."""
        share = chance.choice([0, 0, 0.3, 0.5, 0.8, 1])
        unmade = {op.path for op in self.waiting if op.what in ("make", "folder") and chance.random() >= share}
        for op in self.waiting:
            if op.what not in ("make", "folder") and chance.random() < share:
                torn = op.what == "write" and chance.random() < 0.1
                self._reach(op, op.data[: _SECTOR * chance.randrange(1 + len(op.data) // _SECTOR)] if torn else op.data)
        return {path: bytes(data) for path, data in self.files.items() if not _lost(path, unmade)}


def _lost(path: str, unmade: set[str]) -> bool:
    return path in unmade or any(path.startswith(f"{folder}/") for folder in unmade)
