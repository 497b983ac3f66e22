"""What the user of the add-in chose, kept from one click to the next: store, company, name, rule set and mapping."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import invoice_rules
from invoice_rules import CannotRun, folders

_FILE = "addin.json"


@dataclass(frozen=True)
class Config:
    """`store`: a path or URL, "" for the user's own. `mappings`: rule set -> name of the saved mapping in use, "" for a guess from the headings.

    `functions`: whether worksheet functions may read the books. Off at first, because a client's workbook may hold formulas that send on
    what they read.
    """

    store: str = ""
    entity: str = "main"
    user: str = ""
    rules: str = ""
    mappings: Mapping[str, str] = field(default_factory=dict)
    functions: bool = False

    @property
    def mapping(self) -> str:
        """The saved mapping in use for the chosen rule set."""
        return self.mappings.get(self.rules, "")

    def with_mapping(self, name: str) -> "Config":
        return replace(self, mappings={**self.mappings, self.rules: name})


def load() -> Config:
    """The user's choices; the defaults where there are none yet or the file cannot be read."""
    try:
        said = json.loads((folders.config_folder() / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Config()
    return Config(**{name: said[name] for name, kept in asdict(Config()).items() if _same_kind(said, name, kept)})


def _same_kind(said: Any, name: str, kept: Any) -> bool:
    return isinstance(said, dict) and isinstance(said.get(name), type(kept))


def save(config: Config) -> None:
    """Keep the choices, whole or not at all. Raises CannotRun where the folder cannot be written to."""
    put(_FILE, json.dumps(asdict(config), indent=1, ensure_ascii=False))


def store_of(config: Config) -> Any:
    """The store of the chosen company, made on first use. Raises CannotRun where it cannot be opened."""
    return invoice_rules.open_store(config.store or None, config.entity)


def existing_store(config: Config) -> Any:
    """The store; raises CannotRun where there is none yet, for looking must not make one."""
    if folders.missing_store(config.store or os.environ.get(folders.STORE_VARIABLE) or None):
        raise CannotRun("Nothing was imported yet. The first import makes the store.")
    return store_of(config)


def put(name: str, text: str) -> None:
    """Write a file of the settings folder in place of the one that is there. Raises CannotRun where that cannot be done."""
    folder = folders.config_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"{name}.new"
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(folder / name)
    except OSError as refused:
        raise CannotRun(f"The settings could not be kept: {folder} cannot be written to ({refused.strerror}).") from refused
