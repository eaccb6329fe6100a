"""Speaking to somebody else's service over https."""

import ssl
from pathlib import Path

import httpx


def open_client(
    token: str, ca_file: Path | None, timeout: httpx.Timeout | float, **headers: str
) -> httpx.AsyncClient:
    """With a bearer token; `ca_file` None: the authorities that this system trusts."""
    return httpx.AsyncClient(
        verify=ssl.create_default_context(cafile=str(ca_file) if ca_file else None),
        headers={"authorization": f"Bearer {token}"} | headers,
        timeout=timeout,
        # A redirect would carry the token, and whom it is about, to somebody else.
        follow_redirects=False,
        trust_env=False,
    )
