"""One sender at a time: two windows of one computer do not send to the same organisation at once."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import filelock

from invoice_rules.errors import CannotRun
from invoice_rules.folders import config_folder


@contextmanager
def alone(destination: str, tenant: str) -> Iterator[bool]:
    """While the block runs, nobody else of this user sends to this target; False where somebody does already. It ends with the process, however that ends."""
    folder = config_folder() / "locks"
    path = folder / f"sending-{destination}-{hashlib.sha256(tenant.encode()).hexdigest()[:12]}.lock"
    lock = filelock.FileLock(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except filelock.Timeout:
        yield False
        return
    except OSError as error:
        raise CannotRun(f"The folder {folder} could not be written: {error.strerror}. Nothing was sent.") from error
    try:
        yield True
    finally:
        lock.release()
