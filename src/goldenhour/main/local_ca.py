"""TLS from day one: a certificate authority of this node's own.

Browsers give no microphone, camera or service worker to plain http, so every node serves https.
Rule 1: the authority is made once and never renewed silently: people have installed its
certificate. Its key stays in the state folder, mode 0600.
Rule 2: the server's certificate covers this machine's names and every address; it is made anew when
an address is missing or its end is near.
Rule 3: an authority that was put here by somebody else is never overwritten, nor signed for.
Rule 4: files are written aside and renamed, so that a reader never sees half of one.
"""

import ipaddress
import os
import socket
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from goldenhour.kernel.record import Record
from goldenhour.kernel.time import to_datetime

_CA_LASTS: Final = timedelta(days=3650)
_SERVER_LASTS: Final = timedelta(days=397)  # the longest that every browser accepts
_RENEW_BEFORE_END: Final = timedelta(days=30)
_CLOCKS_DIFFER: Final = timedelta(days=1)


class Certificate(Record):
    """Paths of PEM files."""

    ca: Path
    """What people install; offered for download as ca.crt."""
    chain: Path
    """The server's certificate, then the authority's."""
    key: Path


class CertificateError(RuntimeError):
    """The folder holds an authority that is not ours; the text says what to do."""


def ensure_certificate(folder: Path, names: Iterable[str], *, now_ms: int) -> Certificate:
    """A certificate for these host names and addresses; made only where needed.

    Raises CertificateError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = Certificate(
        ca=folder / "ca.crt", chain=folder / "server.crt", key=folder / "server.key"
    )
    ca_key_path = folder / "ca.key"
    if not paths.ca.exists():
        _make_ca(paths.ca, ca_key_path, now_ms)
    ca, ca_key = _read_ca(paths.ca, ca_key_path)
    wanted = {_general_name(name) for name in names}
    if not _is_good(paths, ca, wanted, now_ms):
        _make_server(paths, ca, ca_key, wanted, now_ms)
    return paths


def list_local_names() -> list[str]:
    """The names and addresses, IPv4 and IPv6, under which this machine may be reached."""
    names = {"localhost", socket.gethostname(), socket.getfqdn()}
    for addresses in psutil.net_if_addrs().values():
        for address in addresses:
            if address.family in {socket.AF_INET, socket.AF_INET6}:
                names.add(address.address.partition("%")[0])  # without the link's scope
    return sorted(name for name in names if name)


def _read_ca(ca_path: Path, key_path: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The authority that was made here, with its key."""
    try:
        ca = x509.load_pem_x509_certificate(ca_path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
    except (OSError, ValueError) as error:
        why = str(error)
    else:
        if isinstance(key, ec.EllipticCurvePrivateKey) and ca.public_key() == key.public_key():
            return ca, key
        why = "they do not belong together"
    raise CertificateError(
        f"{ca_path} and {key_path} are not an authority that was made here: {why}. Restore them or"
        " move both away; for a certificate of your own use GOLDENHOUR_TLS_CERT, _KEY and _CA."
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode())


def _is_good(
    paths: Certificate, ca: x509.Certificate, wanted: set[x509.GeneralName], now_ms: int
) -> bool:
    if not (paths.chain.exists() and paths.key.exists()):
        return False
    found = x509.load_pem_x509_certificate(paths.chain.read_bytes())
    covered = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    key = serialization.load_pem_private_key(paths.key.read_bytes(), None)
    return (
        found.issuer == ca.subject
        and found.public_key() == key.public_key()
        and wanted <= set(covered)
        and to_datetime(now_ms) + _RENEW_BEFORE_END < found.not_valid_after_utc
    )


def _make_ca(ca_path: Path, key_path: Path, now_ms: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "GoldenHour"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"GoldenHour CA {socket.gethostname()}"[:64]),
        ]
    )
    own_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(name, name, key.public_key(), now_ms, _CA_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(own_id, critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_path, key)
    _write(ca_path, _pem(certificate), 0o644)


def _make_server(
    paths: Certificate,
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    wanted: set[x509.GeneralName],
    now_ms: int,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "GoldenHour")])
    alternatives = x509.SubjectAlternativeName(sorted(wanted, key=repr))
    ca_id = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        _builder(name, ca.subject, key.public_key(), now_ms, _SERVER_LASTS)
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    _write_key(paths.key, key)
    _write(paths.chain, _pem(certificate) + _pem(ca), 0o644)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now_ms: int,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    now = to_datetime(now_ms)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + lasts - _CLOCKS_DIFFER)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(path, pem, 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    aside.replace(path)
