"""Certificates that a test makes for itself: an authority of one's own, as a company has it, and a server of 127.0.0.1 that it vouches for."""

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID

PASSWORD = "password"
LOOPBACK = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])


@dataclass(frozen=True)
class Certificates:
    """`authority` is the PEM file that a client has to know, `stranger` one that has vouched for nobody, `keystore` the server's, as PKCS #12."""

    authority: Path
    stranger: Path
    keystore: Path


def certificates(folder: Path) -> Certificates:
    """Make both authorities and the server's key in `folder`; they are good for a day. The keystore's password is PASSWORD."""
    paths = Certificates(folder / "authority.pem", folder / "stranger.pem", folder / "server.p12")
    key, signer = ec.generate_private_key(ec.SECP256R1()), _name("Authority of the test")
    own = _certificate(signer, key, signer, key, x509.BasicConstraints(ca=True, path_length=0))
    stranger_key, stranger = ec.generate_private_key(ec.SECP256R1()), _name("Stranger")
    paths.authority.write_bytes(own.public_bytes(Encoding.PEM))
    paths.stranger.write_bytes(_certificate(stranger, stranger_key, stranger, stranger_key, x509.BasicConstraints(True, 0)).public_bytes(Encoding.PEM))
    server_key = ec.generate_private_key(ec.SECP256R1())
    server = _certificate(_name("localhost"), server_key, signer, key, LOOPBACK)
    paths.keystore.write_bytes(pkcs12.serialize_key_and_certificates(b"server", server_key, server, [own], BestAvailableEncryption(PASSWORD.encode())))
    return paths


def speaking(paths: Certificates) -> ssl.SSLContext:
    """What a server in Python speaks https with."""
    key, certificate, _ = pkcs12.load_key_and_certificates(paths.keystore.read_bytes(), PASSWORD.encode())
    assert key and certificate
    together = paths.keystore.with_suffix(".pem")
    together.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(together)
    return context


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, signer: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), now - dt.timedelta(hours=1), now + dt.timedelta(days=1))
    authority = isinstance(extension, x509.BasicConstraints)
    if authority:
        made = made.add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
    named = made.add_extension(extension, critical=authority).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return named.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False).sign(signer, hashes.SHA256())
