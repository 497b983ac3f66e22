"""Where a file of ours goes: whole or not at all, never over another one, and elsewhere when a folder cannot be written to (S0-25)."""

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import platformdirs

from invoice_rules.errors import CannotRun

_LONGEST_NAME = 150


def place(name: str, folder: Path, write: Callable[[Path], None]) -> Path:
    """Write a new file `name` into the folder, or into the user's documents, or into the folder for temporary files.

    A name that is taken gets a number. Returns where the file is. Raises CannotRun where none of the folders can be written to.
    """
    reasons = []
    for where in _folders(folder):
        try:
            return _into(where, name, write)
        except OSError as error:
            reasons.append(f"{where}: {error.strerror or error}")
    raise CannotRun(
        f'"{name}" could not be written anywhere ({"; ".join(reasons)}). Free some space, or give a folder that you may write to.'
    )


def replaced(path: Path, write: Callable[[Path], None]) -> Path:
    """Write the file that the user named, in place of an earlier one. Raises CannotRun."""
    part = _part(path.parent)
    try:
        write(part)
        part.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotRun(f"{path} could not be written ({reason}). Close it if it is open in Excel, or choose another folder.") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def unless_there(path: Path, replace: bool = False) -> Path:
    """The path that the user named, if no file is there or it may be replaced; raises CannotRun."""
    if path.exists() and not replace:
        raise CannotRun(f"{path} is there already, and is left as it is. Name another file, or add --force to replace it.")
    return path


def _folders(first: Path) -> Sequence[Path]:
    return tuple(dict.fromkeys([first, platformdirs.user_documents_path(), Path(tempfile.gettempdir())]))


def _into(folder: Path, name: str, write: Callable[[Path], None]) -> Path:
    part = _part(folder)
    try:
        write(part)
        for target in _names(folder, name):
            if _taken(target):
                part.replace(target)
                return target
    finally:
        part.unlink(missing_ok=True)
    raise OSError(f"no free name for {name}")


def _taken(target: Path) -> bool:
    """Take the name, if nobody has it: true for exactly one of several that try at once."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return False
    return True


def _names(folder: Path, name: str) -> Iterator[Path]:
    stem, dot, ending = name.rpartition(".")
    stem = stem[:_LONGEST_NAME].rstrip()
    yield folder / f"{stem}{dot}{ending}"
    yield from (folder / f"{stem} ({number}){dot}{ending}" for number in range(2, 1000))


def _part(folder: Path) -> Path:
    return folder / f".{uuid.uuid4().hex}.part"
