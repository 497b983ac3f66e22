"""A file that somebody changed on disk after it was read: it is read again, so that nothing is imported but what was looked at (X-6)."""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from invoice_rules.wizard.choices import Step

if TYPE_CHECKING:
    from invoice_rules.wizard.state import Wizard


def changed_on_disk(wizard: "Wizard") -> bool:
    """Whether the file holds something else by now than what was read; one that is gone or locked holds nothing else."""
    return wizard.made(Step.SOURCE) and _digest(wizard) not in ("", wizard.table.origin.sha256)


def read_again(wizard: "Wizard") -> bool:
    """Read the file as it is now. Gives whether it was changed: its edits and yeses are gone then, and columns given to other headings (S0-24, X-19).

    Raises CannotRun where it cannot be read any more.
    """
    if not wizard.made(Step.SOURCE) or not _on_disk(wizard) or _digest(wizard) == wizard.table.origin.sha256:
        return False
    headings = wizard.table.headings
    wizard.refresh(Step.SOURCE)
    wizard.choose(edits={}, accept=())
    if wizard.table.headings != headings:
        wizard.choose(given={})
    return True


def told_changed(name: str) -> str:
    """The sentence for a file that was read again."""
    return f"{name} was changed since it was read last, so it was read again. Cells that were edited here are as the file has them."


def _on_disk(wizard: "Wizard") -> bool:
    return isinstance(wizard.choices.source, str | os.PathLike)


def _digest(wizard: "Wizard") -> str:
    """The hash of what the file holds now; "" where that cannot be told."""
    if not _on_disk(wizard) or not Path(wizard.choices.source).is_file():
        return ""
    try:
        with Path(wizard.choices.source).open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return ""
