"""Imports that are under way: noted in a small transaction before, closed by the batch or by a reason (X-15)."""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.store import entities
from invoice_rules.store.tables import attempts, batches
from invoice_rules.store.times import now

if TYPE_CHECKING:
    from invoice_rules.store.opening import Store

_running: set[str] = set()
"""The batches that this very process is writing."""


@dataclass(frozen=True)
class Attempt:
    """One try at a batch."""

    batch: str
    kind: str
    user: str
    rules: str = ""
    source: str = ""


def note(connection: sa.Connection, entity: str, attempt: Attempt, state: str, reason: str = "") -> None:
    """A line about an attempt: started or failed."""
    number, _ = entities.entity(connection, entity)
    values = {"batch": attempt.batch, "kind": attempt.kind, "user": attempt.user, "rules": attempt.rules, "source": attempt.source}
    connection.execute(attempts.insert().values(entity=number, state=state, at=now(), process=_process(), reason=reason, **values))


@contextmanager
def attempted(store: "Store", attempt: Attempt) -> Iterator[None]:
    """Notes the start; an exception that left no batch behind is noted with its reason and goes on.

    Where even the note cannot be written (a full disk), the start alone remains and is shown as interrupted.
    """
    entity = store.entity.name
    with store.writing() as connection:
        note(connection, entity, attempt, "started")
    _running.add(attempt.batch)
    try:
        yield
    except BaseException as error:
        with suppress(CannotRun), store.writing() as connection:
            if not committed(connection, attempt.batch):
                note(connection, entity, attempt, "failed", _reason(error))
        raise
    finally:
        _running.discard(attempt.batch)


def committed(connection: sa.Connection, batch: str) -> int | None:
    """The number of the batch with this id, None where it is not in the store: the only proof of a commit."""
    return connection.execute(sa.select(batches.c.number).where(batches.c.id == batch)).scalar()


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "Stopped by the user. Nothing was written."
    if isinstance(error, CannotRun):
        return str(error)
    return f"Stopped by {type(error).__name__}. Nothing was written."  # no more of it: this line is kept for ever, and errors quote rows


def _process() -> str:
    return f"{platform.node()}:{os.getpid()}"


def alive(batch: str, process: str) -> bool:
    """Whether the process that began an attempt may still be at it; on another computer nobody can know, so it may."""
    host, _, number = process.rpartition(":")
    if host != platform.node():
        return True
    if int(number) == os.getpid():
        return batch in _running
    return _exists(int(number))


def _exists(process: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
