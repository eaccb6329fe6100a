"""The certificate of this node: its owner's own, else the local authority's."""

import ssl
from pathlib import Path

from cryptography import x509

from goldenhour.main.clock import SystemClock
from goldenhour.main.local_ca import (
    Certificate,
    CertificateError,
    ensure_certificate,
    list_local_names,
)
from goldenhour.main.settings import Settings


def certificate_of(settings: Settings) -> Certificate:
    """The node's certificate; raises SystemExit with a plain sentence."""
    if not settings.tls_cert:
        now_ms = SystemClock().now_ms()
        try:
            return ensure_certificate(settings.tls_dir, list_local_names(), now_ms=now_ms)
        except CertificateError as error:
            raise SystemExit(str(error)) from error
    own = Certificate(ca=settings.own_ca, chain=Path(settings.tls_cert), key=Path(settings.tls_key))
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(own.chain, own.key)
    except OSError as error:  # ssl.SSLError is one
        raise SystemExit(f"tls_cert, tls_key: {own.chain}, {own.key}: {error}") from error
    return own


def refuse_foreign_name(settings: Settings) -> None:
    """The parts of the demo speak to one another as localhost, and would wait for nothing.

    Raises SystemExit with a plain sentence.
    """
    if not settings.tls_cert:
        return
    served = x509.load_pem_x509_certificate(Path(settings.tls_cert).read_bytes())
    names: list[str] = []
    for extension in served.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            names = extension.value.get_values_for_type(x509.DNSName)
    if "localhost" not in names:
        raise SystemExit(
            f"tls_cert: {settings.tls_cert} is for {', '.join(names) or 'no name'} and not for"
            " localhost, as which the parts of this demo speak to one another. Leave the three"
            " tls_ settings out here; a live world (`goldenhour serve`) takes the certificate."
        )
