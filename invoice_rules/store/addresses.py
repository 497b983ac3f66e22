"""Where a store is: a path or a URL, how it is shown without its password, and whether the place can be trusted."""

import ctypes
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from invoice_rules.errors import CannotRun
from invoice_rules.folders import STORE_VARIABLE, default_store

_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "afpfs", "ncpfs", "ceph", "glusterfs", "webdav", "davfs", "lustre", "gpfs"}


@dataclass(frozen=True)
class Address:
    """A database: its URL for SQLAlchemy, how people may see it, and its file where it is SQLite."""

    url: sa.URL = field(repr=False)
    label: str
    path: Path | None = None


def address(url: str | os.PathLike[str] | None = None) -> Address:
    """A path, `sqlite:///…` or `postgresql://…`; by default $INVOICE_RULES_STORE, else the user's own store.

    Raises CannotRun for other databases and addresses that cannot be read.
    """
    given = str(url or os.environ.get(STORE_VARIABLE) or default_store())
    if "://" not in given:
        return _file(Path(given).expanduser())
    try:
        parsed = sa.make_url(given)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise CannotRun("The address of the store could not be read. Write postgresql://user:password@server/database, or the path of a file.") from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise CannotRun("A store must be kept in a file. Write sqlite:///path/to/store.sqlite, or just the path.")
        if "?" in given:
            raise CannotRun("The address of a store in a file takes nothing behind a question mark. Where it belongs to the name, write %3F for it, or give the path alone.")
        return _file(Path(parsed.database).expanduser())
    if kind in ("postgresql", "postgres"):
        return _server(parsed.set(drivername="postgresql+psycopg"))
    raise CannotRun(f"A store can be a SQLite file or a PostgreSQL database, not {kind}.")


def _file(path: Path) -> Address:
    path = path.absolute()
    return Address(sa.URL.create("sqlite", database=str(path)), str(path), path)


def _server(url: sa.URL) -> Address:
    if not url.database:
        raise CannotRun("The address of the store names no database. Write postgresql://user@server/database.")
    return Address(url, without_password(url))


def without_password(url: sa.URL) -> str:
    """A server's URL as people and other programs may see it."""
    secret = [name for name in url.query if "password" in name.lower()]
    bare = sa.URL.create("postgresql", username=url.username, host=url.host, port=url.port, database=url.database, query=url.query)
    return bare.difference_update_query(secret).render_as_string()


def refuse_network(path: Path) -> None:
    """SQLite's locks cannot be trusted on network drives: raises CannotRun where the file would lie on one."""
    kind = network_drive(path)
    if kind:
        raise CannotRun(
            f"{path} is on a network drive ({kind}), where two imports at once could damage the store. Choose a folder on this computer, "
            "or use PostgreSQL for a store that several people share. Nothing was written."
        )


def network_drive(path: Path) -> str:
    """The kind of network file system under a path, '' for a local one."""
    there = next((p for p in (path, *path.parents) if p.exists()), path).resolve()
    if sys.platform == "win32":
        return _windows(there)
    if sys.platform == "darwin":
        return _macos(there)
    return _linux(there, Path("/proc/self/mountinfo"))


def _linux(path: Path, mountinfo: Path) -> str:
    """The file system type of the innermost mount, as the kernel lists them."""
    if not mountinfo.exists():
        return ""
    kind, depth = "", -1
    for line in mountinfo.read_text(errors="replace").splitlines():
        left, _, right = line.partition(" - ")
        mount = Path(left.split()[4].encode().decode("unicode_escape"))
        if (path == mount or mount in path.parents) and len(mount.parts) >= depth:
            kind, depth = right.split()[0], len(mount.parts)
    return kind if kind in _REMOTE or kind.startswith("fuse.") else ""


def _macos(path: Path) -> str:
    """`statfs`: the local flag is at byte 64 of the result, the type's name at byte 72."""
    libc = ctypes.CDLL(None, use_errno=True)
    statfs = getattr(libc, "statfs$INODE64", None) or libc.statfs
    answer = ctypes.create_string_buffer(4096)
    if statfs(os.fsencode(path), answer) != 0:
        return ""
    local = int.from_bytes(answer.raw[64:68], sys.byteorder) & 0x1000
    return "" if local else answer.raw[72:88].split(b"\0")[0].decode("ascii", "replace")


def _windows(path: Path) -> str:
    """A UNC path, or a drive letter that Windows calls remote (4)."""
    text = str(path)
    if text.startswith("\\\\") and not text.startswith(("\\\\?\\", "\\\\.\\")) or text.startswith("\\\\?\\UNC\\"):
        return "a shared folder"
    drive = ctypes.windll.kernel32.GetDriveTypeW(ctypes.c_wchar_p(path.anchor))  # type: ignore[attr-defined]  # Windows only
    return "a network drive" if drive == 4 else ""
