import ssl
from pathlib import Path

import pytest

from goldenhour.kernel.time import HOUR_MS
from goldenhour.main.local_ca import (
    Certificate,
    CertificateError,
    ensure_certificate,
    list_local_names,
)
from goldenhour.main.settings import Settings
from goldenhour.main.tls import certificate_of

# The handshake judges by the machine's clock, so the certificates are made for a span around it.
NOW_MS = 1_795_300_977_000
DAY_MS = 24 * HOUR_MS


def _handshake(certificate: Certificate, trusted: Path, name: str) -> None:
    """Both ends in memory, no socket; raises ssl.SSLError when the client refuses."""
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(certificate.chain, certificate.key)
    client_side = ssl.create_default_context(cafile=trusted)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    client = client_side.wrap_bio(to_client, to_server, server_hostname=name)
    waiting = {client, server}
    while waiting:
        for side in tuple(waiting):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.discard(side)


@pytest.fixture
def now_ms() -> int:
    return ssl_now_ms()


def ssl_now_ms() -> int:
    import time  # noqa: PLC0415 (the machine's clock, for the handshake's sake)

    return int(time.clock_gettime(time.CLOCK_REALTIME) * 1000)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "10.1.2.3", "fd00::5"])
def test_a_browser_that_trusts_the_authority_accepts_every_name(
    tmp_path: Path, now_ms: int, name: str
) -> None:
    names = ["localhost", "127.0.0.1", "::1", "10.1.2.3", "fd00::5"]
    certificate = ensure_certificate(tmp_path, names, now_ms=now_ms)
    _handshake(certificate, certificate.ca, name)


def test_another_name_is_refused(tmp_path: Path, now_ms: int) -> None:
    certificate = ensure_certificate(tmp_path, ["localhost"], now_ms=now_ms)
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        _handshake(certificate, certificate.ca, "10.0.0.1")


def test_a_browser_that_trusts_another_authority_refuses(tmp_path: Path, now_ms: int) -> None:
    certificate = ensure_certificate(tmp_path / "a", ["localhost"], now_ms=now_ms)
    other = ensure_certificate(tmp_path / "b", ["localhost"], now_ms=now_ms)
    with pytest.raises(ssl.SSLCertVerificationError):
        _handshake(certificate, other.ca, "localhost")


def _bytes(certificate: Certificate) -> tuple[bytes, bytes, bytes]:
    return (
        certificate.ca.read_bytes(),
        certificate.chain.read_bytes(),
        certificate.key.read_bytes(),
    )


def test_nothing_changes_while_the_names_are_covered(tmp_path: Path) -> None:
    first = _bytes(ensure_certificate(tmp_path, ["a.local", "10.0.0.1"], now_ms=NOW_MS))
    later = ensure_certificate(tmp_path, ["a.local"], now_ms=NOW_MS + 300 * DAY_MS)
    assert _bytes(later) == first


@pytest.mark.parametrize(
    ("names", "days"), [(["a.local", "10.0.0.2"], 1), (["a.local"], 367), (["a.local"], 4000)]
)
def test_a_new_address_or_a_near_end_renews_under_the_same_authority(
    tmp_path: Path, names: list[str], days: int
) -> None:
    old_ca, old_chain, _ = _bytes(ensure_certificate(tmp_path, ["a.local"], now_ms=NOW_MS))
    ca, chain, _ = _bytes(ensure_certificate(tmp_path, names, now_ms=NOW_MS + days * DAY_MS))
    assert ca == old_ca
    assert chain != old_chain


def test_keys_are_closed_to_others(tmp_path: Path) -> None:
    ensure_certificate(tmp_path / "tls", ["localhost"], now_ms=NOW_MS)
    for key in ("ca.key", "server.key"):
        assert (tmp_path / "tls" / key).stat().st_mode & 0o777 == 0o600


def test_this_machine_is_reachable_under_its_own_names() -> None:
    assert {"localhost", "127.0.0.1"} <= set(list_local_names())


@pytest.mark.parametrize("damage", ["no key", "another's certificate", "no certificate at all"])
def test_an_authority_that_was_not_made_here_is_left_alone(tmp_path: Path, damage: str) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        ensure_certificate(folder, ["localhost"], now_ms=NOW_MS)
    if damage == "no key":
        (ours / "ca.key").unlink()
    elif damage == "another's certificate":
        (ours / "ca.crt").write_bytes((theirs / "ca.crt").read_bytes())
    else:
        (ours / "ca.crt").write_text("a note")
    before = {path.name: path.read_bytes() for path in ours.iterdir()}
    with pytest.raises(CertificateError, match=r"ca\.crt"):
        ensure_certificate(ours, ["localhost", "10.9.9.9"], now_ms=NOW_MS)
    assert {path.name: path.read_bytes() for path in ours.iterdir()} == before


def test_a_certificate_of_ones_own_is_used_and_its_authority_is_trusted(
    tmp_path: Path, now_ms: int
) -> None:
    theirs = ensure_certificate(tmp_path / "theirs", ["centre.example"], now_ms=now_ms)
    settings = Settings(
        state=str(tmp_path / "state"),
        tls_cert=str(theirs.chain),
        tls_key=str(theirs.key),
        tls_ca=str(theirs.ca),
    )
    used = certificate_of(settings)
    _handshake(used, settings.trusted_ca, "centre.example")
    assert used.ca == settings.own_ca == theirs.ca
    assert not (tmp_path / "state").exists()


def test_a_vehicle_trusts_its_centres_authority_and_shows_its_own(
    tmp_path: Path, now_ms: int
) -> None:
    centre = ensure_certificate(tmp_path / "centre", ["centre.example"], now_ms=now_ms)
    vehicle = Settings(state=str(tmp_path / "vehicle"), tls_ca=str(centre.ca))
    own = certificate_of(vehicle)
    _handshake(centre, vehicle.trusted_ca, "centre.example")
    _handshake(own, vehicle.own_ca, "localhost")
    with pytest.raises(ssl.SSLError):
        _handshake(own, vehicle.trusted_ca, "localhost")


def test_a_key_that_does_not_fit_its_certificate_is_told_in_words(tmp_path: Path) -> None:
    one = ensure_certificate(tmp_path / "one", ["x"], now_ms=NOW_MS)
    two = ensure_certificate(tmp_path / "two", ["x"], now_ms=NOW_MS)
    settings = Settings(
        state=str(tmp_path), tls_cert=str(one.chain), tls_key=str(two.key), tls_ca=str(one.ca)
    )
    with pytest.raises(SystemExit, match="tls_cert, tls_key"):
        certificate_of(settings)
