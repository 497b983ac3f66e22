"""Where secrets are kept: a good keyring, or a file by choice; never a keyring that keeps them in plain text, or not at all."""

import stat

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from invoice_rules import CannotRun
from invoice_rules.connectors import secrets


class Vault(KeyringBackend):
    """A keyring in memory."""

    priority = 0.0  # never found by itself

    def __init__(self) -> None:
        super().__init__()
        self.kept = {}

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def delete_password(self, service, username):
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


class PlaintextKeyring(Vault):
    """As keyrings.alt has one: keyring takes it by itself where there is nothing better."""


class Locked(Vault):
    """A keyring whose owner does not open it."""

    def get_password(self, *_):
        raise KeyringLocked("PLANTED-SECRET")

    set_password = delete_password = get_password


class Chain(chainer.ChainerBackend):
    """Several keyrings, of which keyring takes the first that can."""

    backends = ()

    def __init__(self, *backends: KeyringBackend) -> None:
        self.backends = backends


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path))
    return tmp_path


@pytest.fixture
def using(monkeypatch):
    """Put a keyring in the place of this computer's."""
    return lambda backend: monkeypatch.setattr(keyring, "get_keyring", lambda: backend)


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring(), PlaintextKeyring(), Chain(), Chain(PlaintextKeyring(), Vault()), Chain(Chain(null.Keyring()))])
def test_a_keyring_that_keeps_nothing_safe_is_refused(using, config, backend):
    using(backend)
    for attempt in (lambda: secrets.ready("keyring"), lambda: secrets.keep("keyring", "xero", "refresh token", "PLANTED-SECRET"), lambda: secrets.find("keyring", "xero", "x")):
        with pytest.raises(CannotRun, match="no keyring that keeps secrets safe.*--secrets file"):
            attempt()
    assert not getattr(backend, "kept", {})
    assert not list(config.iterdir())


@pytest.mark.parametrize("chained", [False, True])
def test_a_good_keyring_keeps_finds_and_forgets(using, config, chained):
    vault, behind = Vault(), PlaintextKeyring()
    using(Chain(vault, behind) if chained else vault)
    secrets.ready("keyring")
    secrets.keep("keyring", "xero", "refresh token", "one")
    secrets.keep("keyring", "xero:Demo Company", "refresh token", "two")
    assert (secrets.find("keyring", "xero", "refresh token"), secrets.find("keyring", "xero", "client secret")) == ("one", "")
    secrets.forget("keyring", "xero", "refresh token", "client secret")
    assert list(vault.kept.values()) == ["two"]
    assert not behind.kept
    assert not list(config.iterdir())


def test_a_locked_keyring_is_told_without_its_words(using):
    using(Locked())
    for attempt in (lambda: secrets.keep("keyring", "a", "b", "c"), lambda: secrets.find("keyring", "a", "b"), lambda: secrets.forget("keyring", "a", "b")):
        with pytest.raises(CannotRun, match=r"could not be opened \(KeyringLocked\). Unlock it") as told:
            attempt()
        assert "PLANTED" not in str(told.value)


def test_a_file_by_choice_is_for_this_account_alone(config):
    secrets.ready("file")
    secrets.keep("file", "xero", "refresh token", "one")
    secrets.keep("file", "xero", "client secret", "two")
    secrets.keep("file", "xero", "refresh token", "three")
    assert stat.S_IMODE(secrets.secrets_file().stat().st_mode) == 0o600
    assert (secrets.find("file", "xero", "refresh token"), secrets.find("file", "xero", "client secret")) == ("three", "two")
    secrets.forget("file", "xero", "refresh token", "never there")
    assert secrets.find("file", "xero", "refresh token") == ""
    assert secrets.secrets_file().read_text(encoding="utf-8").count("two") == 1


def test_a_file_that_somebody_left_open_is_made_anew(config):
    config.mkdir(exist_ok=True)
    secrets.secrets_file().write_text("{}", encoding="utf-8")
    secrets.secrets_file().chmod(0o644)
    secrets.keep("file", "xero", "refresh token", "one")
    assert stat.S_IMODE(secrets.secrets_file().stat().st_mode) == 0o600


def test_a_broken_file_is_told(config):
    secrets.secrets_file().write_text("{oops", encoding="utf-8")
    with pytest.raises(CannotRun, match=r"secrets\.json cannot be read"):
        secrets.find("file", "xero", "refresh token")


def test_only_two_places_are_known():
    with pytest.raises(CannotRun, match='"keyring" or "file", not in "here"'):
        secrets.ready("here")


def test_what_is_kept_fits_into_windows(using, config):
    """The Credential Manager keeps 2,560 bytes of UTF-16 each; a refresh token of Xero has about 50 characters, of Intuit about 60."""
    from invoice_rules.connectors import tokens
    from invoice_rules.connectors.oauth import Tokens
    from tests.connectors.faking import FakeClock

    vault = Vault()
    using(vault)
    tokens.keep_login("keyring", "xero", Tokens("a" * 5000, "r" * 512, 1800, 5_184_000), FakeClock())
    (kept,) = vault.kept.values()
    assert len(kept.encode("utf-16-le")) < 2560
    assert tokens.kept_login("keyring", "xero") == ("r" * 512, "2027-01-21T10:00:00+00:00")
