"""LibreOffice's UNO bridge, and the few things every module here needs of it.

Debian keeps `uno.py` in dist-packages beside everything else the system has installed; only that one file is taken from there, so that nothing
else of the system's Python reaches ours. Inside LibreOffice's own Python, `uno` is imported as it stands.
"""

import importlib
import importlib.util
import os
import sys
import time
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

PROGRAM_FOLDERS = ("/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/opt/libreoffice/program", "/Applications/LibreOffice.app/Contents/MacOS")
UNO_FILES = ("/usr/lib/python3/dist-packages/uno.py", "/usr/lib64/python3/site-packages/uno.py", "/Applications/LibreOffice.app/Contents/Resources/uno.py")


class OfficeMissing(RuntimeError):
    """LibreOffice, or its bridge to Python, is not on this machine or does not answer. The text says which."""


@cache
def uno() -> Any:
    """The module `uno`. Raises `OfficeMissing` where there is none that this Python can load."""
    if "uno" in sys.modules:
        return sys.modules["uno"]
    try:
        return importlib.import_module("uno")
    except ImportError:
        return _from_the_system()


def _from_the_system() -> ModuleType:
    """Load the system's uno.py alone."""
    file = next((Path(name) for name in (*_beside_the_program(), *UNO_FILES) if Path(name).is_file()), None)
    program = next((name for name in _program_folders() if Path(name).is_dir()), None)
    if file is None or program is None:
        raise OfficeMissing("LibreOffice's bridge to Python (uno) is not installed. On Debian and Ubuntu: apt install python3-uno")
    sys.path.append(program)
    os.environ.setdefault("URE_BOOTSTRAP", f"vnd.sun.star.pathname:{program}/fundamentalrc")
    spec = importlib.util.spec_from_file_location("uno", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["uno"] = module
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        del sys.modules["uno"]
        raise OfficeMissing(f"LibreOffice's bridge to Python (uno) does not work with Python {sys.version_info[0]}.{sys.version_info[1]}: {error}") from error
    return module


def _program_folders() -> tuple[str, ...]:
    """Where soffice may lie; the folder that UNO_PATH names comes first."""
    named = os.environ.get("UNO_PATH")
    return (named, *PROGRAM_FOLDERS) if named else PROGRAM_FOLDERS


def _beside_the_program() -> tuple[str, ...]:
    return tuple(f"{folder}/uno.py" for folder in _program_folders())


def connect(url: str, tries: int = 3) -> Any:
    """The component context of the office that listens at `url`, such as `socket,host=127.0.0.1,port=2002`.

    A busy office may drop a connection while it is being made; it is made anew, `tries` times in all. Raises `OfficeMissing`.
    """
    local = uno().getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    try:
        return resolver.resolve(f"uno:{url};urp;StarOffice.ComponentContext")
    except failure("connection.NoConnectException") as error:
        raise OfficeMissing(f"No LibreOffice answers at {url}") from error
    except failure("lang.DisposedException") as error:
        if tries <= 1:
            raise OfficeMissing(f"LibreOffice at {url} ends every connection that is made to it") from error
    time.sleep(0.2)
    return connect(url, tries - 1)


@cache
def _struct_class(name: str) -> Any:
    return uno().getClass(name)


def struct(name: str, *fields: Any) -> Any:
    """A UNO struct, named without `com.sun.star.`: struct("table.CellAddress", sheet, column, row)."""
    return _struct_class(f"com.sun.star.{name}")(*fields)


def failure(name: str) -> Any:
    """The class of a UNO exception, named without `com.sun.star.`."""
    return _struct_class(f"com.sun.star.{name}")


@cache
def enum(name: str) -> Any:
    """A value of a UNO enum: enum("sheet.CellInsertMode.DOWN")."""
    kind, value = name.rsplit(".", 1)
    return uno().Enum(f"com.sun.star.{kind}", value)


def properties(**values: Any) -> tuple[Any, ...]:
    """A sequence of PropertyValue, as UNO wants options."""
    return tuple(struct("beans.PropertyValue", name, 0, value, _state()) for name, value in values.items())


@cache
def _state() -> Any:
    return enum("beans.PropertyState.DIRECT_VALUE")


def any_of(kind: str, value: Any) -> Any:
    """A value with its UNO type said, where Python's says too little: any_of("[]string", ("a", "b"))."""
    return uno().Any(kind, value)
