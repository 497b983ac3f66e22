"""Fixtures that every test may use."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files, which lies beside the project and is not part of it."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared/data with real files is not here")
    return SHARED
