"""Our own mistakes: a sentence for the user, and a file with the details."""

import datetime as dt
import os
import re
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from invoice_rules.folders import log_folder

_NAMES = r"client[_ -]?secret|secret|authorization[_ ]?id|apiintegrationcode|integration[_ ]code|access_token|refresh_token|id_token|code_verifier|passphrase"
_SECRETS = (
    (re.compile(r"(://[^:/@\s]*:)\S+@"), r"\1…@"),
    (re.compile(r"((?i:password)=)[^&\s'\"]+"), r"\1…"),
    (re.compile(r"\b((?i:bearer|basic)\s+)(?=\S*[0-9A-Z=])[\w.~+/=-]{6,}"), r"\1…"),
    (re.compile(rf"(?i)\b((?:{_NAMES})(?:\\*[\"'])?\s*[:=]\s*b?)(?:(?P<v>\\*[\"']).*?(?P=v)|[^\s&,;\"'}})]+)"), r"\1…"),
    (re.compile(r"([?&](?:code|token)=)[^&\s'\"#]+"), r"\1…"),
)


def without_secrets(text: str) -> str:
    """The text without passwords, tokens and secrets: those of addresses, headers, forms and JSON.

    >>> without_secrets("postgresql://ada:secret@host/books")
    'postgresql://ada:…@host/books'
    >>> without_secrets("--store=postgresql://ada@host/books?sslpassword=secret&application_name=x")
    '--store=postgresql://ada@host/books?sslpassword=…&application_name=x'
    >>> without_secrets("Authorization: Bearer eyJ0.abc, Secret: s3cret, {'client_secret': 'a b'} /callback?code=abc&state=1")
    "Authorization: Bearer …, Secret: …, {'client_secret': …} /callback?code=…&state=1"
    >>> without_secrets("Basic authentication needs a client secret.")
    'Basic authentication needs a client secret.'
    """
    for found, shown in _SECRETS:
        text = found.sub(shown, text)
    return text


def unexpected(error: BaseException, argv: Sequence[str]) -> str:
    """Keep the details in a file and give the sentence for the user; `argv` is what was asked for."""
    import platform

    from invoice_rules.about import versions

    facts = [f"{name} {version}" for name, version in versions().items()]
    details = "".join(traceback.format_exception(error))
    text = "\n".join([f"invoice-rules {' '.join(argv)}", platform.platform(), *facts, "", details])
    return f"Something went wrong that should not have ({type(error).__name__}). The details are in {_keep(without_secrets(text))}."


def _keep(text: str) -> Path:
    name = f"problem-{dt.datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"
    for folder in (log_folder(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
            return path
        except OSError:
            continue  # the path that is told says where they went
    return Path("nowhere: no folder could be written to")
