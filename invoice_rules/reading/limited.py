"""A child process with limited memory and time, for readers of foreign formats that may abort the process they run in.

POSIX: the child limits itself (RLIMIT_AS, RLIMIT_CPU) before it reads a byte of the file. Windows: a job object with a memory and
a time limit, into which the child is put while it waits for its first line; written from the documentation and not tried on a
Windows machine. macOS does not enforce RLIMIT_AS. Where a child cannot be limited the checks of `guards` and the wall clock remain.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, cast

from invoice_rules.errors import CannotRun

MEMORY = 1_500_000_000
"""Bytes of address space."""


class Child:
    """A running child; a context manager that always ends it. `answers` are read one by one with `answer()`."""

    def __init__(self, script: Path, name: str, seconds: int):
        self.name, self.seconds = name, seconds
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        command = [interpreter(), "-I", "-S", "-X", "utf8", str(script)]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, creationflags=flags, bufsize=1 << 16
            )
        except OSError as error:
            raise CannotRun(f"{name} cannot be read: no separate process can be started for it ({error.strerror or error}).") from error
        self._in, self._out = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        self._job = _job(self._process, seconds) if os.name == "nt" else None
        self._late = threading.Event()
        self._watch = threading.Timer(4.0 * seconds + 5, self._too_late)
        self._watch.daemon = True
        self._watch.start()

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.cancel()
        self._process.kill()
        for pipe in (self._in, self._out):
            with contextlib.suppress(OSError):  # what was not sent need not be sent any more
                pipe.close()
        self._process.wait()
        if self._job is not None:
            self._job.close()

    def _too_late(self) -> None:
        self._late.set()
        self._process.kill()

    def send(self, line: object, data: bytes = b"") -> None:
        """Send one line of JSON and the bytes that follow it."""
        with contextlib.suppress(OSError):  # it died: `answer` says so
            self._in.write(json.dumps(line).encode("ascii") + b"\n")
            self._in.write(data)
            self._in.flush()

    def answer(self) -> tuple[dict, list[bytes]]:
        """The next answer and its buffers. Raises CannotRun where the child died or could not read the file."""
        line = self._out.readline()
        if not line.endswith(b"\n"):
            raise self._died()
        head = json.loads(line)
        if "error" in head:
            raise self._failed(head["error"], head["says"])
        buffers = [self._out.read(size) for size in head["buffers"]]
        if [len(buffer) for buffer in buffers] != head["buffers"]:
            raise self._died()
        return head, buffers

    def _died(self) -> CannotRun:
        code = self._process.wait()
        if self._late.is_set() or -code in (9, 24):  # SIGKILL, SIGXCPU
            return CannotRun(
                f"{self.name} takes too long to read and was given up after {self.seconds} seconds of work. Save the sheet with the rows as CSV."
            )
        return CannotRun(
            f"{self.name} cannot be read: it is damaged, or needs more memory than a workbook may. Open it in Excel and save it as .xlsx, or save the sheet as CSV."
        )

    def _failed(self, error: str, says: str) -> CannotRun:
        if error == "PasswordError" or "password" in says.lower() or "encrypt" in says.lower():
            return locked(self.name)
        if error == "MemoryError":
            return CannotRun(f"{self.name} needs more memory to read than a workbook may. Save the sheet with the rows as CSV.")
        return CannotRun(
            f"{self.name} cannot be read as a workbook; it may be damaged, or of a kind that is too old. Open it in Excel and save it as .xlsx, then try again."
        )


def locked(name: str) -> CannotRun:
    return CannotRun(f"{name} is protected by a password. Open it in Excel, save it without a password, then try again.")


def interpreter() -> str:
    """The Python to run; inside another program (Excel, LibreOffice) `sys.executable` may be that program."""
    own = Path(sys.executable or "")
    if own.name.lower().startswith(("python", "pypy")):
        return str(own)
    names = ("python.exe", "pythonw.exe") if os.name == "nt" else ("bin/python3", "bin/python")
    for folder in (sys.prefix, sys.exec_prefix, sys.base_prefix):
        for name in names:
            if (Path(folder) / name).is_file():
                return str(Path(folder) / name)
    found = shutil.which(f"python{sys.version_info[0]}.{sys.version_info[1]}") or shutil.which("python3")
    if not found:
        raise CannotRun(
            "Workbooks are read in a separate process, and no Python was found to start one. Install Python, or save the sheet as CSV."
        )
    return found


def _job(process: subprocess.Popen, seconds: int) -> "_Handle | None":
    """A Windows job object around the child that ends with its handle; None where the system refuses."""
    import ctypes
    from ctypes import wintypes

    class Basic(ctypes.Structure):
        _fields_ = [
            ("PerProcessUserTimeLimit", wintypes.LARGE_INTEGER),
            ("PerJobUserTimeLimit", wintypes.LARGE_INTEGER),
            ("LimitFlags", wintypes.DWORD),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", wintypes.DWORD),
            ("SchedulingClass", wintypes.DWORD),
        ]

    class Extended(ctypes.Structure):
        _fields_ = [
            ("Basic", Basic),
            ("Io", ctypes.c_ulonglong * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        ]

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]  # Windows only
    kernel.CreateJobObjectW.restype = wintypes.HANDLE
    job = kernel.CreateJobObjectW(None, None)
    if not job:
        return None
    limits = Extended()
    # process time, process memory, end on close: JOB_OBJECT_LIMIT_PROCESS_TIME | _PROCESS_MEMORY | _KILL_ON_JOB_CLOSE
    limits.Basic.LimitFlags = 0x0002 | 0x0100 | 0x2000
    limits.Basic.PerProcessUserTimeLimit = seconds * 10_000_000
    limits.ProcessMemoryLimit = MEMORY
    kernel.SetInformationJobObject(wintypes.HANDLE(job), 9, ctypes.byref(limits), ctypes.sizeof(limits))
    kernel.AssignProcessToJobObject(wintypes.HANDLE(job), wintypes.HANDLE(int(process._handle)))  # type: ignore[attr-defined]  # Windows only
    return _Handle(kernel, job)


class _Handle:
    """What must be closed in the end."""

    def __init__(self, kernel: Any, handle: int):
        self._kernel, self._handle = kernel, handle

    def close(self) -> None:
        self._kernel.CloseHandle(self._handle)
