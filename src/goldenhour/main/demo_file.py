"""What `goldenhour run` tells the processes of its demo: accounts, and what is a double."""

import msgspec

from goldenhour.adapters.web.services import DemoAccount
from goldenhour.main.settings import Settings

DEMO_FILE = "demo-accounts.json"
DOUBLES = ("caller", "terminals", "monitors", "ecg")


def read_demo_accounts(settings: Settings) -> tuple[DemoAccount, ...]:
    path = settings.state_dir / DEMO_FILE
    if not settings.demo or not path.is_file():
        return ()
    return msgspec.json.decode(path.read_bytes(), type=tuple[DemoAccount, ...])
