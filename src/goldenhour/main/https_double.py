"""What the doubles of other people's https services have in common: a token file, and serving."""

import secrets
from pathlib import Path
from typing import Any

import uvicorn

from goldenhour.main.local_ca import Certificate
from goldenhour.main.settings import Settings


def own_token(settings: Settings, name: str) -> Path:
    """A file of the state folder, made once; the centre and the double read it."""
    token = settings.state_dir / name
    if not token.exists():
        token.touch(mode=0o600)
        token.write_text(secrets.token_hex(32), encoding="utf-8")
    return token


def serve(double: Any, port: int, certificate: Certificate) -> None:
    """An ASGI application on loopback alone, until a signal."""
    uvicorn.run(
        double,
        host="127.0.0.1",
        port=port,
        ssl_certfile=str(certificate.chain),
        ssl_keyfile=str(certificate.key),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
