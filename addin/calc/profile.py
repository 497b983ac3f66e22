"""LibreOffice's profile, looked at without LibreOffice: is the extension in it, and is it in use."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

IDENTIFIER = "org.invoicerules.calc"


def installed(profile: Path) -> Path | None:
    """The folder of the installed extension in a profile, told without starting LibreOffice; None where there is none."""
    cache = profile / "user" / "uno_packages" / "cache"
    listed = (cache / "uno_packages.pmap").read_bytes() if (cache / "uno_packages.pmap").is_file() else b""
    known = [file.parent for file in cache.glob("uno_packages/*/*.oxt/description.xml") if file.parent.parent.name.rstrip("_").encode() in listed]
    return next((folder for folder in known if f'"{IDENTIFIER}"' in (folder / "description.xml").read_text(encoding="utf-8", errors="replace")), None)


def is_running(profile: Path, usual: bool) -> bool:
    """Whether LibreOffice is open with this profile. `usual`: it is the user's own, which soffice takes when it is told nothing."""
    return (profile / ".lock").exists() and any(_uses(command, profile, usual) for command in _commands())


def _commands() -> Iterator[str]:
    """The command lines of this user's running LibreOffices."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if folder.stat().st_uid == os.getuid() and (folder / "comm").read_text().strip() == "soffice.bin":
                yield (folder / "cmdline").read_text(errors="replace")


def _uses(command: str, profile: Path, usual: bool) -> bool:
    named = re.search(r"-env:UserInstallation=([^\0]*)", command)
    return usual if named is None else named[1].rstrip("/") == profile.absolute().as_uri()
