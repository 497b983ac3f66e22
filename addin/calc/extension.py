"""Put the extension into LibreOffice and take it out again, through LibreOffice's own extension manager.

`unopkg` would do the same, but refuses to work for root, which is who works in containers.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from addin.calc.profile import IDENTIFIER
from addin.engines.calc import loading
from invoice_rules import CannotRun

PATIENCE = 90.0
"""Seconds that LibreOffice may take to start; a new profile takes its time."""

_STORE = "user"


def add(file: Path, program: Path, profile: Path | None = None) -> None:
    """Install the extension in place of an earlier one. `program`: LibreOffice's program folder; `profile`: another one than the user's.

    Raises CannotRun where LibreOffice does not start or refuses it.
    """
    with _manager(program, profile) as (manager, environment):
        _remove(manager, environment)
        manager.addExtension(file.absolute().as_uri(), (), _STORE, manager.createAbortChannel(), environment)


def remove(program: Path, profile: Path | None = None) -> bool:
    """Take the extension out; whether it was there."""
    with _manager(program, profile) as (manager, environment):
        return _remove(manager, environment)


def _remove(manager: Any, environment: Any) -> bool:
    deployed = manager.getDeployedExtensions(_STORE, manager.createAbortChannel(), environment)
    found = [one for one in deployed if one.getIdentifier().Value == IDENTIFIER]
    for one in found:
        manager.removeExtension(IDENTIFIER, one.getName(), _STORE, manager.createAbortChannel(), environment)
    return bool(found)


@contextmanager
def _manager(program: Path, profile: Path | None) -> Iterator[tuple[Any, Any]]:
    """The extension manager of a LibreOffice that nobody sees, and what answers its questions."""
    with _office(program, profile) as context:
        manager = context.getValueByName("/singletons/com.sun.star.deployment.ExtensionManager")
        try:
            yield manager, _environment()
        except loading.failure("uno.Exception") as refused:
            raise CannotRun(f"LibreOffice did not take the extension: {refused.Message or type(refused).__name__}") from refused


@contextmanager
def _office(program: Path, profile: Path | None) -> Iterator[Any]:
    """The context of a LibreOffice without a window, which is closed at the end."""
    pipe = f"invoice-rules-{os.getpid()}"
    options = ["--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard", f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext"]
    own = [] if profile is None else [f"-env:UserInstallation={profile.absolute().as_uri()}"]
    process = subprocess.Popen([str(program / "soffice"), *own, *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        context = _answer(process, pipe)
        yield context
        with suppress(loading.failure("uno.Exception")):
            context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
    finally:
        process.terminate()
        process.wait(30)


def _answer(process: "subprocess.Popen[bytes]", pipe: str) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            return loading.connect(f"pipe,name={pipe}")
        except loading.OfficeMissing:
            time.sleep(0.1)
    raise CannotRun("LibreOffice did not start. Open it once yourself, close it, and try again.")


def _environment() -> Any:
    """Says yes to what the extension manager asks, and has no progress bar. UNO wants to know the types of each object."""
    uno = loading.uno()
    uno_class = loading.failure  # interfaces and exceptions are found by their names alike
    approve = uno.getTypeByName("com.sun.star.task.XInteractionApprove")

    class Environment(uno_class("ucb.XCommandEnvironment"), uno_class("task.XInteractionHandler"), uno_class("lang.XTypeProvider")):  # type: ignore[misc] # made by UNO
        def getInteractionHandler(self) -> Any:
            return self

        def getProgressHandler(self) -> None:
            return None

        def handle(self, request: Any) -> None:
            answers = [one for one in request.getContinuations() if one.queryInterface(approve)]
            for answer in answers[:1]:
                answer.select()

        def getTypes(self) -> tuple[Any, ...]:
            return tuple(uno.getTypeByName(f"com.sun.star.{name}") for name in ("ucb.XCommandEnvironment", "task.XInteractionHandler", "lang.XTypeProvider"))

        def getImplementationId(self) -> Any:
            return uno.ByteSequence(b"")

    return Environment()
