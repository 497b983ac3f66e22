"""The bytes of a file, however it was handed over: by path, open handle or as bytes; opened by handle, never by pattern or URL."""

import contextlib
import errno
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.problems import Finding, Rule, Severity, whole

MEGABYTE = 1_048_576
MEGABYTES = 512
"""The limit where no rule set and no caller sets one."""

OPEN_IN_EXCEL = Rule(
    "open-in-excel",
    "{name} is open in Excel. What was typed since it was last saved is not in here: save and close it there, then read it again.",
    "X-15",
    "The file is not open elsewhere.",
    Severity.WARNING,
)


@dataclass(frozen=True)
class Source:
    """A file in memory. `suffix` is lower case with its dot; `modified` an ISO time or ''."""

    name: str
    data: bytes
    path: Path | None = None
    modified: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix.lower()


def opened(source: "str | os.PathLike | bytes | tuple[str, bytes] | BinaryIO", limit_mb: float | None, rules: RuleSet | None) -> Source:
    """The bytes of `source`, refused before reading where they pass the limit (S3-1). Raises CannotRun."""
    if isinstance(source, tuple):
        name, data = source
        return _checked(Source(whole(str(name)), bytes(data)), limit_mb, rules)
    if isinstance(source, bytes | bytearray | memoryview):
        return _checked(Source("data", bytes(source)), limit_mb, rules)
    if isinstance(source, str | os.PathLike):
        return _from_path(Path(source), limit_mb, rules)
    if hasattr(source, "read"):
        return _from_handle(source, limit_mb, rules)
    raise TypeError(f"read() takes a path, an open binary handle, bytes, a DataFrame or a Table, not {type(source).__name__}")


def limit(name: str, limit_mb: float | None, rules: RuleSet | None) -> int:
    """Bytes that a file of this name may have; a rule set's limit binds only the kinds of file that it names."""
    if limit_mb is None and rules is not None and rules.megabytes and Path(name).suffix.lower() in rules.files:
        limit_mb = rules.megabytes
    return int((MEGABYTES if limit_mb is None else limit_mb) * MEGABYTE)


def _from_path(path: Path, limit_mb: float | None, rules: RuleSet | None) -> Source:
    name, shown = whole(path.name), whole(str(path))
    if name.startswith("~$"):
        raise CannotRun(f"{name} is the mark that Excel leaves while a workbook is open, not the workbook. Choose {name[2:]}.")
    try:
        # O_NONBLOCK: a named pipe must not keep us waiting for its other end
        with open(path, "rb", opener=lambda file, flags: os.open(file, flags | getattr(os, "O_NONBLOCK", 0))) as handle:
            about = os.fstat(handle.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise CannotRun(f"{shown} is not a file.")
            _fits(name, about.st_size, limit_mb, rules)
            data = handle.read(about.st_size + 1)
            if len(data) != about.st_size:
                raise CannotRun(f"{name} changed while it was read: somebody is still writing it. Try again when it is done.")
    except PermissionError as error:
        if path.is_dir():
            raise CannotRun(f"{shown} is a folder. Choose the file in it.") from error
        raise CannotRun(
            f"{name} is locked by another program, or you may not open it. If it is open in Excel, close it there or save a copy, then try again."
        ) from error
    except FileNotFoundError as error:
        raise CannotRun(f"There is no file {shown}. Check the name and the folder.") from error
    except IsADirectoryError as error:
        raise CannotRun(f"{shown} is a folder. Choose the file in it.") from error
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) in (errno.ENXIO, errno.ENODEV):  # a socket, a device
            raise CannotRun(f"{shown} is not a file.") from error
        raise CannotRun(f"{str(path)[:200]!r} cannot be opened: {getattr(error, 'strerror', None) or error}.") from error
    modified = datetime.fromtimestamp(about.st_mtime, UTC).isoformat(timespec="seconds")
    return _checked(Source(name, data, path, modified, _lock(path)), limit_mb, rules)


def _lock(path: Path) -> tuple[Finding, ...]:
    """A warning where Excel's lock file lies beside the workbook."""
    with contextlib.suppress(OSError):
        if path.with_name(f"~${path.name}").exists():
            return (Finding(OPEN_IN_EXCEL, facts={"name": whole(path.name)}),)
    return ()


def _from_handle(handle: BinaryIO, limit_mb: float | None, rules: RuleSet | None) -> Source:
    name = getattr(handle, "name", "")
    name = whole(Path(name).name) if isinstance(name, str) and name else "data"
    data = handle.read(limit(name, limit_mb, rules) + 1)
    if not isinstance(data, bytes):
        raise TypeError('open the file with mode "rb": a text handle has lost its encoding')
    return _checked(Source(name, data), limit_mb, rules)


def _checked(source: Source, limit_mb: float | None, rules: RuleSet | None) -> Source:
    _fits(source.name, len(source.data), limit_mb, rules)
    if not source.data:
        raise CannotRun(f"{source.name} is empty: it has no bytes at all. Ask for the file again.")
    return source


def _fits(name: str, size: int, limit_mb: float | None, rules: RuleSet | None) -> None:
    most = limit(name, limit_mb, rules)
    if size > most:
        takes = f"{rules.title} takes up to" if limit_mb is None and rules is not None and most != MEGABYTES * MEGABYTE else "The limit is"
        raise CannotRun(
            f"{name} is larger than {most:,} bytes. {takes} {most / MEGABYTE:g} MB. Split the file, or lift the limit with --limit-mb."
        )
