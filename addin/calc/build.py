"""Build the extension, an .oxt file: the same bytes from the same commands, icons and paths."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from addin.calc import layout
from addin.calc.profile import IDENTIFIER
from addin.commands import COMMANDS, TAB
from addin.ribbon import icons
from invoice_rules import CannotRun, __version__

SMALL, LARGE = 16, 24
"""Pixels of the icons in menus and on toolbars; larger screens get the large ones magnified."""

_WHEN = (2000, 1, 1, 0, 0, 0)
_ABOUT = "Check invoices against the rules of the system they go to, and import them, from the sheet that is open."


def build(target: Path, paths: Sequence[str], python: str, log: Path) -> Path:
    """Write the extension to `target` and give it back.

    `paths` are the folders that hold the package and what it needs, `python` the version they are for ("3.11"), `log` the folder for details of
    unexpected problems. Raises CannotRun where the file cannot be written.
    """
    parts = {name: content if isinstance(content, bytes) else content.encode() for name, content in _parts(paths, python, log).items()}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "w") as archive:
            for name in sorted(parts):
                archive.writestr(_entry(name), parts[name])
    except OSError as refused:
        raise CannotRun(f"{target} cannot be written ({refused.strerror}). Choose another place for it.") from refused
    return target


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _WHEN)
    info.external_attr = 0o644 << 16
    info.create_system = 3
    return info


def _parts(paths: Sequence[str], python: str, log: Path) -> Mapping[str, str | bytes]:
    """Name in the extension -> content."""
    places = {command.name: (f"icons/{command.name}_{SMALL}.png", f"icons/{command.name}_{LARGE}.png") for command in COMMANDS}
    pictures = {place: icons.icon(name, size) for name, both in places.items() for place, size in zip(both, (SMALL, LARGE), strict=True)}
    found: dict[str, Any] = {"python": python, "paths": list(paths), "log": str(log), "version": __version__}
    return {
        **pictures,
        "icons/validate_64.png": icons.icon("validate", 64),
        "META-INF/manifest.xml": _manifest(),
        "Addons.xcu": layout.addons(places),
        "CalcWindowState.xcu": layout.window_state(),
        "about.txt": _ABOUT + "\n",
        "component.py": Path(__file__).with_name("component.py").read_text(encoding="utf-8"),
        "components.xml": _components(),
        "description.xml": _description(),
        "python.json": json.dumps(found, indent=1) + "\n",
    }


def _manifest() -> str:
    kinds = {
        "Addons.xcu": "application/vnd.sun.star.configuration-data",
        "CalcWindowState.xcu": "application/vnd.sun.star.configuration-data",
        "components.xml": "application/vnd.sun.star.uno-components",
    }
    files = "".join(f' <manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>\n' for name, kind in kinds.items())
    return f'{_HEAD}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n{files}</manifest:manifest>\n'


def _components() -> str:
    """Says what component.py offers, so that LibreOffice need not run it to find out."""
    return (
        f'{_HEAD}<components xmlns="http://openoffice.org/2010/uno-components">\n'
        ' <component loader="com.sun.star.loader.Python" uri="component.py">\n'
        f'  <implementation name="{layout.SERVICE}"><service name="{layout.SERVICE}"/></implementation>\n'
        " </component>\n</components>\n"
    )


def _description() -> str:
    spaces = 'xmlns="http://openoffice.org/extensions/description/2006" xmlns:lo="http://libreoffice.org/extensions/description/2011"'
    return (
        f'{_HEAD}<description {spaces} xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        f' <identifier value="{IDENTIFIER}"/>\n <version value="{__version__}"/>\n'
        f' <display-name><name lang="en">{escape(TAB)}</name></display-name>\n'
        ' <extension-description><src xlink:href="about.txt" lang="en"/></extension-description>\n'
        ' <icon><default xlink:href="icons/validate_64.png"/></icon>\n'
        ' <dependencies><lo:LibreOffice-minimal-version value="7.0" lo:name="LibreOffice 7.0"/></dependencies>\n'
        "</description>\n"
    )


_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
