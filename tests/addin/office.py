"""A LibreOffice for tests: headless, or visible on a display of its own. Each has its own profile in a temporary folder and a free port.

A test takes the fixture that tests/addin/conftest.py makes of `office()`: started once a worker, stopped at the end. Where a program is
missing the test is skipped with the reason; with REQUIRE_ALL=1 tests/conftest.py makes that a failure.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageGrab

from addin.engines.calc.loading import OfficeMissing, connect, failure, uno

PATIENCE = 90.0
_running: list["Office"] = []


@dataclass(frozen=True)
class Office:
    """One running soffice: where it listens, the folder with its profile, and the display it is seen on ("" when headless)."""

    url: str
    pid: int
    folder: Path
    display: str = ""

    def context(self) -> Any:
        """Its UNO component context."""
        return connect(self.url)

    def picture(self, file: Path) -> Path:
        """What its display shows now, as a PNG file."""
        ImageGrab.grab(xdisplay=self.display).save(file)
        return file

    def xdotool(self, *arguments: str) -> str:
        """Run xdotool on its display: office.xdotool("mousemove", "100", "20", "click", "1")."""
        environment = {**os.environ, "DISPLAY": self.display}
        return subprocess.run([program("xdotool"), *arguments], env=environment, check=True, timeout=60, capture_output=True, text=True).stdout


def program(name: str) -> str:
    """Where a program is; the test is skipped where it is not."""
    return shutil.which(name) or pytest.skip(f"{name} is not installed")


def need_uno() -> None:
    """Skip where Python cannot talk to LibreOffice."""
    try:
        uno()
    except OfficeMissing as missing:
        pytest.skip(str(missing))


@contextmanager
def office() -> Iterator[Office]:
    """A headless soffice: the one that this process already started, else a new one that is stopped at the end."""
    if _running and _lives(_running[-1]):
        yield _running[-1]
        return
    need_uno()
    with _started(["--headless"], {"SAL_USE_VCLPLUGIN": "svp"}) as started:
        _running.append(started)
        try:
            yield started
        finally:
            _running.remove(started)


@contextmanager
def visible_office(size: str = "1600x1000", arguments: tuple[str, ...] = (), prepare: Callable[[Path], None] = Path.mkdir) -> Iterator[Office]:
    """A soffice that is seen and clicked: its own X server on a free display, with a light window manager where there is one.

    `prepare` is called with the folder of the profile, which is not there yet, before soffice starts.
    """
    need_uno()
    with ExitStack() as stack:
        display = stack.enter_context(_display(size))
        environment = {"DISPLAY": display, "SAL_USE_VCLPLUGIN": "gen"}
        yield stack.enter_context(_started(["--nodefault", *arguments], environment, display, prepare))


def wait_for(what: Callable[[], Any], why: str, seconds: float = PATIENCE) -> Any:
    """What `what` gives once it gives something; fails with `why` when that takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    return pytest.fail(f"waited {seconds:.0f} seconds: {why}")


@contextmanager
def _started(arguments: list[str], environment: dict[str, str], display: str = "", prepare: Callable[[Path], None] = Path.mkdir) -> Iterator[Office]:
    with tempfile.TemporaryDirectory(prefix="ir-office-", ignore_cleanup_errors=True) as name:
        prepare(Path(name) / "profile")
        url = f"socket,host=127.0.0.1,port={_free_port()}"
        options = ["--norestore", "--nologo", "--nofirststartwizard", f"--accept={url};urp;StarOffice.ComponentContext"]
        command = [program("soffice"), f"-env:UserInstallation={(Path(name) / 'profile').as_uri()}", *options, *arguments]
        with _process(command, Path(name) / "soffice.log", environment) as process:
            wait_for(lambda: _answers(url, process, Path(name) / "soffice.log"), "soffice does not answer")
            yield Office(url, process.pid, Path(name), display)
            _ask_to_leave(url)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)


@contextmanager
def _process(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; the whole group is stopped at the end."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **environment}, start_new_session=True)
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return


def _lives(office: Office) -> bool:
    """Whether it can still be talked to: one that a test brought down is not handed on to the next."""
    try:
        office.context()
    except OfficeMissing:
        return False
    return True


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    if process.poll() is not None:
        pytest.fail(f"soffice ended with {process.returncode}: {log.read_text(errors='replace')}")
    try:
        context = connect(url)
        return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context) is not None
    except (OfficeMissing, failure("uno.Exception")):
        return False


def _ask_to_leave(url: str) -> None:
    """Quit as a user would, so that the profile is left whole; the process group is stopped afterwards whatever happens."""
    with suppress(OfficeMissing, failure("uno.Exception")):
        context = connect(url)
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        for document in list(_documents(desktop)):
            document.setModified(False)
            document.close(True)
        desktop.terminate()


def _documents(desktop: Any) -> Iterator[Any]:
    every = desktop.Components.createEnumeration()
    while every.hasMoreElements():
        document = every.nextElement()
        if hasattr(document, "setModified"):
            yield document


@contextmanager
def _display(size: str) -> Iterator[str]:
    """A free display with a window manager; the X server picks the number itself."""
    server = program("Xvfb")
    with tempfile.TemporaryDirectory(prefix="ir-display-") as name, ExitStack() as stack:
        reading, writing = os.pipe()
        command = [server, "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
        process = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL, start_new_session=True)
        stack.callback(_stop, process)
        os.close(writing)
        with os.fdopen(reading) as numbers:
            display = f":{numbers.readline().strip()}"
        manager = shutil.which("openbox") or shutil.which("metacity")
        if manager:
            stack.enter_context(_process([manager], Path(name) / "manager.log", {"DISPLAY": display}))
        yield display


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
