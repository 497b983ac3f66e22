"""The time as the store writes it."""

import datetime as dt


def now() -> str:
    """This moment in UTC, to the second: 2026-11-21T14:02:05+00:00."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def days_ago(days: int) -> str:
    """The moment so many days before now, in the same form."""
    return (dt.datetime.now(dt.UTC) - dt.timedelta(days=days)).isoformat(timespec="seconds")
