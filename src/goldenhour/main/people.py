"""The first administrator, and anybody else, from the command line of the host."""

import getpass

import pyotp

from goldenhour.adapters.web.identity import (
    MAX_PASSWORD,
    MAX_USERNAME,
    MIN_PASSWORD,
    hash_password,
    new_totp_secret,
)
from goldenhour.app.access import Role
from goldenhour.app.accounts import Person
from goldenhour.kernel.ids import uuid7
from goldenhour.main.clock import entropy
from goldenhour.main.node import open_node
from goldenhour.main.settings import Settings


async def add_person(settings: Settings, *, username: str, role: str, org: str, name: str) -> None:
    """Asks for a password and prints the second factor once."""
    if role not in set(Role):
        raise SystemExit(f"role: one of {', '.join(Role)}")
    password = getpass.getpass("password: ")
    if len(password) < MIN_PASSWORD:
        raise SystemExit(f"password: at least {MIN_PASSWORD} characters")
    if len(password) > MAX_PASSWORD or len(username) > MAX_USERNAME:
        raise SystemExit(
            f"password: at most {MAX_PASSWORD} characters; --username: at most {MAX_USERNAME}"
        )
    async with open_node(settings, pool=2) as node:
        known = {row.id for row in await node.accounts.list_organisations()}
        if org not in known:
            raise SystemExit(f"org: one of {', '.join(sorted(known))}")
        if await node.accounts.find_username(username):
            raise SystemExit(f"username: {username} exists already")
        secret = new_totp_secret(entropy)
        now_ms = node.clock.now_ms()
        person = Person(
            id=uuid7(now_ms, entropy),
            username=username,
            name=name,
            role=Role(role),
            org=org,
            seat="",
            unit_id="",
            hospital_id="",
            password_hash=hash_password(password),
            totp_secret=secret,
            active=True,
            demo=False,
        )
        await node.accounts.put_person(person, now_ms)
    uri = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="GoldenHour")
    print(f"second factor, shown once: {uri}")
