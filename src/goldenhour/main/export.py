"""`goldenhour export`: evidence of a case, or of everything, for `goldenhour verify`.

Rule 1: who took evidence out is on the access log before the first byte is written.
Rule 2: an export holds personal data in clear text; the file is its owner's alone, and none is
        overwritten.
"""

import asyncio
import getpass
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from goldenhour.adapters.postgres import evidence
from goldenhour.main.cases import find_case
from goldenhour.main.node import open_node
from goldenhour.main.settings import Settings


def export(settings: Settings, *, incident: str | None, path: Path) -> None:
    """`incident`: a case number, or None for the whole journal. Raises SystemExit."""
    key_path = settings.state_dir / "roots.key"
    if not key_path.is_file():
        raise SystemExit(f"{key_path} is missing: export where the worker has signed its roots")
    asyncio.run(_export(settings, incident, path, evidence.load_key(key_path)))
    print(f"{path}: {path.stat().st_size} bytes")


async def _export(
    settings: Settings, incident: str | None, path: Path, key: Ed25519PrivateKey
) -> None:
    async with open_node(settings, pool=2) as node:
        streams = None if incident is None else (await find_case(node.journal, incident))[1]
        try:
            making = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise SystemExit(f"{path}: {error.strerror}") from error
        now_ms = node.clock.now_ms()
        person = f"host:{getpass.getuser()}"
        subject = incident or "all"
        await node.accounts.log_access(now_ms, person, "evidence.export", subject, "accepted")
        with os.fdopen(making, "wb") as out:
            await evidence.export(node.database, key, now_ms, out, streams)
