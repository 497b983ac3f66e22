"""Which versions are at work, without importing what they belong to."""

import platform
import sys
from importlib import metadata

PARTS = ("pandas", "pandera", "pyarrow", "SQLAlchemy", "typer", "rich")


def version(name: str) -> str:
    """The installed version of a package, "not installed" where there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def installing(extra: str, python: str = sys.executable) -> str:
    """The command that adds the packages of an extra to the Invoice Rules of a Python, which needs no index that knows us."""
    shown = f'"{python}"' if " " in python else python
    return f'{shown} -m pip install "invoice-rules[{extra}]"'


def versions() -> dict[str, str]:
    """Our own version, Python's, and those of the packages that decide about results."""
    return {"invoice-rules": version("invoice-rules"), "Python": platform.python_version(), **{name: version(name) for name in PARTS}}
