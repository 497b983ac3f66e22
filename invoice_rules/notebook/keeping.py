"""What the user chose, kept on disk after every step, so that a page that is loaded anew or a kernel that is started again goes on.

Kept beside a store that is a file, else in the user's folder for settings; only the user may read it. Uploaded files lie there
too. Rows of a file are never kept, but for cells that were edited.
"""

import contextlib
import getpass
import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from invoice_rules import CannotRun, Expected, folders
from invoice_rules.wizard import Choices, Step

VERSION = 1
KEEP_DAYS = 7
"""Uploads that no import uses any more are taken away after so many days."""
_PLAIN = ("rules", "sheet", "header", "encoding", "limit_mb", "sender", "apply_fixes", "all_or_nothing", "open_items_complete", "close_absent", "user")


class Keeper:
    """The kept state of one user's import into one store."""

    def __init__(self, store: Any, folder: Path | None = None):
        path = store.address.path
        self.folder = folder or (path.with_name(f"{path.stem}-wizard") if path else folders.config_folder() / "wizard")
        who = hashlib.sha256(f"{_user()}\n{store.label}".encode()).hexdigest()[:16]
        self.file = self.folder / f"{who}.json"

    @property
    def uploads(self) -> Path:
        """Where uploaded files lie, each in a folder of its own."""
        return self.folder / "uploads"

    def save(self, kept: Mapping[str, Any]) -> None:
        """Keep this, in place of what was kept before."""
        text = json.dumps({"version": VERSION, **kept}, ensure_ascii=False, indent=1)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self.file.with_name(f"{self.file.name}.{os.getpid()}.part")
            with open(part, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
                out.write(text)
            part.replace(self.file)
        except OSError as error:
            raise CannotRun(f"What you chose could not be kept in {self.folder}: {error.strerror or error}. After a restart you would begin anew.") from error

    def load(self) -> dict[str, Any]:
        """What was kept; empty where there is nothing, or nothing that can be read."""
        with contextlib.suppress(OSError, ValueError):
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            if isinstance(kept, dict) and kept.get("version") == VERSION:
                return kept
        return {}

    def forget(self) -> None:
        """Begin anew."""
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)

    def owns(self, path: Any) -> bool:
        """Whether this is a file that was uploaded."""
        return isinstance(path, str | os.PathLike) and Path(path).is_relative_to(self.uploads)

    def discard(self, path: Any) -> None:
        """Take an uploaded file away; others are left alone."""
        if self.owns(path):
            shutil.rmtree(Path(path).parent, ignore_errors=True)

    def tidy(self, using: Any) -> None:
        """Take away uploads that are old and not in use."""
        before = time.time() - KEEP_DAYS * 86_400
        with contextlib.suppress(OSError):
            for folder in self.uploads.iterdir():
                if folder.stat().st_mtime < before and (using is None or Path(using).parent != folder):
                    shutil.rmtree(folder, ignore_errors=True)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""  # a container without a name for its user has one user


def kept_form(choices: Choices, step: Step, entity: str, sha256: str) -> dict[str, Any]:
    """The choices as plain data; a file that was handed over as bytes or a frame cannot be found again and is left out."""
    path = choices.source
    said = choices.expected
    return {
        "step": int(step),
        "entity": entity,
        "source": {"path": str(Path(path).resolve()), "sha256": sha256} if isinstance(path, str | os.PathLike) else None,
        "choices": {
            **{name: getattr(choices, name) for name in _PLAIN},
            "saved": None if choices.saved is None else choices.saved.name,
            "given": dict(choices.given),
            "settings": dict(choices.settings),
            "expected": None if said is None else {"count": said.count, "totals": dict(said.totals), "due": dict(said.due)},
            "edits": [[row, column, text] for (row, column), text in choices.edits.items()],
            "accept": list(choices.accept),
        },
    }


def choices_of(kept: Mapping[str, Any], store: Any) -> Choices:
    """The choices that were kept; saved mappings and corrections are asked of the store again. Raises CannotRun."""
    try:
        return _choices(kept, store)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CannotRun("What was kept of it cannot be read.") from error


def _choices(kept: Mapping[str, Any], store: Any) -> Choices:
    said = dict(kept["choices"])
    Step(kept["step"])
    known = {field.name for field in fields(Choices)}
    plain = {name: said[name] for name in _PLAIN if name in said and name in known}
    rules, sender = plain.get("rules", ""), plain.get("sender", "")
    return Choices(
        **plain,
        source=Path(kept["source"]["path"]) if kept.get("source") else None,
        saved=store.mapping(rules, said["saved"]) if said.get("saved") is not None and rules else None,
        given=said.get("given") or {},
        settings=said.get("settings") or {},
        corrections=store.corrections(rules, sender) if rules and sender else None,
        expected=Expected(**said["expected"]) if said.get("expected") else None,
        edits={(row, column): text for row, column, text in said.get("edits") or ()},
        accept=tuple(said.get("accept") or ()),
    )
