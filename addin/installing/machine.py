"""The machine that the add-in is installed on: which system, and where Excel, LibreOffice and Python have their things."""

import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from invoice_rules import CannotRun

WINDOWS, MACOS, LINUX = "Windows", "Darwin", "Linux"
_OFFICE_FOLDERS = ("usr/lib/libreoffice/program", "usr/lib64/libreoffice/program", "opt/libreoffice/program")


@dataclass(frozen=True)
class Machine:
    """`system`: as `platform.system()` names it; `root`: where the paths of the system begin; `profile`: LibreOffice's, None for the user's usual one."""

    system: str
    env: Mapping[str, str]
    home: Path
    python: Path
    version: tuple[int, int]
    search: tuple[str, ...] = ()
    root: Path = field(default=Path("/"))
    profile: Path | None = None

    @classmethod
    def here(cls, profile: Path | None = None) -> "Machine":
        """This machine and this Python."""
        return cls(platform.system(), os.environ, Path.home(), Path(sys.executable), sys.version_info[:2], tuple(sys.path), profile=profile)

    @property
    def excel_start(self) -> Path:
        """The folder from which Excel loads add-ins when it starts. Raises CannotRun where the system has no Excel."""
        if self.system == WINDOWS:
            roaming = self.env.get("APPDATA")
            return (Path(roaming) if roaming else self.home / "AppData" / "Roaming") / "Microsoft" / "Excel" / "XLSTART"
        if self.system == MACOS:
            return self.home / "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
        raise CannotRun("There is no Excel for this system; the add-in runs in LibreOffice Calc here.")

    @property
    def excel_scripts(self) -> Path:
        """macOS: the folder of the scripts that Excel may run."""
        return self.home / "Library/Application Scripts/com.microsoft.Excel"

    @property
    def excel(self) -> Path | None:
        """Excel itself, None where it is not found."""
        if self.system == MACOS:
            return _first([self.root / "Applications/Microsoft Excel.app", self.home / "Applications/Microsoft Excel.app"])
        folders = [Path(self.env[name]) for name in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)") if self.env.get(name)]
        return _first(folder / place / "EXCEL.EXE" for folder in folders for place in ("Microsoft Office/root/Office16", "Microsoft Office/Office16"))

    @property
    def office(self) -> Path | None:
        """LibreOffice's program folder, None where it is not found; the folder that UNO_PATH names comes first."""
        named = [Path(self.env["UNO_PATH"])] if self.env.get("UNO_PATH") else []
        usual = [self.root / folder for folder in _OFFICE_FOLDERS]
        own = sorted(self.root.glob("opt/libreoffice*/program"), reverse=True)
        return next((folder for folder in (*named, *usual, *own) if (folder / "soffice").is_file()), None)

    @property
    def office_profile(self) -> Path:
        """Where LibreOffice keeps what is this user's, its extensions too."""
        settings = self.env.get("XDG_CONFIG_HOME")
        return self.profile or (Path(settings) if settings else self.home / ".config") / "libreoffice" / "4"

    @property
    def package_folders(self) -> list[str]:
        """The folders that hold the package and all it needs, and nothing else of this Python."""
        package = str(Path(__file__).resolve().parents[2])
        return list(dict.fromkeys([package, *(path for path in self.search if Path(path).name in ("site-packages", "dist-packages"))]))

    @property
    def python_version(self) -> str:
        return ".".join(map(str, self.version))


def python_of(program: Path) -> str | None:
    """The version of Python that a LibreOffice runs ("3.11"), None where it runs none.

    `program` is its program folder; the version is the one that its bridge to Python is linked with.
    """
    for name in ("libpyuno.so", "pyuno.so"):
        if (program / name).is_file():
            found = re.search(rb"libpython(3\.\d+)", (program / name).read_bytes())
            if found:
                return found[1].decode()
    return None


def _first(places: Iterable[Path]) -> Path | None:
    return next((place for place in places if place.exists()), None)
