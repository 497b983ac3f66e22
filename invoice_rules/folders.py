"""Where things are for this user: the store that nobody named, settings, and details of unexpected problems."""

import os
from pathlib import Path

STORE_VARIABLE = "INVOICE_RULES_STORE"
CONFIG_VARIABLE = "INVOICE_RULES_CONFIG"
_NAME = "invoice-rules"


def default_store() -> Path:
    """The store of a user who names none, told without loading a database library."""
    import platformdirs

    return platformdirs.user_data_path(_NAME) / "store.sqlite"


def store_file(url: str | None) -> Path | None:
    """The file of the store, by default the user's own; None for a store that is no file."""
    if url is not None and "://" in url:
        scheme, _, path = url.partition(":///")
        return Path(path).expanduser() if scheme == "sqlite" else None
    return Path(url).expanduser() if url else default_store()


def missing_store(url: str | None) -> bool:
    """Whether the store is a file that is not there (yet)."""
    path = store_file(url)
    return path is not None and not path.is_file()


def config_folder() -> Path:
    """Where the add-in keeps what the user chose; $INVOICE_RULES_CONFIG moves it."""
    import platformdirs

    return Path(os.environ.get(CONFIG_VARIABLE) or platformdirs.user_config_path(_NAME, appauthor=False))


def log_folder() -> Path:
    """Where the details of unexpected problems go."""
    import platformdirs

    return platformdirs.user_log_path(_NAME, appauthor=False)
