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


def missing_store(url: str | None) -> bool:
    """Whether the store, by default the user's own, is a file that is not there (yet)."""
    if url is not None and "://" in url:
        scheme, _, path = url.partition(":///")
        return scheme == "sqlite" and not Path(path).expanduser().is_file()
    return not (Path(url).expanduser() if url else default_store()).is_file()


def config_folder() -> Path:
    """Where the add-in keeps what the user chose; $INVOICE_RULES_CONFIG moves it."""
    import platformdirs

    return Path(os.environ.get(CONFIG_VARIABLE) or platformdirs.user_config_path(_NAME, appauthor=False))


def log_folder() -> Path:
    """Where the details of unexpected problems go."""
    import platformdirs

    return platformdirs.user_log_path(_NAME, appauthor=False)
