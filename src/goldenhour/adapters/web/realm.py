"""What an administrator keeps: their own organisation and everything below it.

Rule 1: whatever belongs elsewhere in the tree is answered as absent and stands in no list: who may
        change anybody's password may be anybody.
Rule 2: whoever has the whole tree below them keeps everything, what is of no organisation too.
"""

from dataclasses import dataclass

from goldenhour.adapters.web.identity import AnyRequest, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Organisations
from goldenhour.app.accounts import Device


@dataclass(frozen=True)
class Realm:
    top: str
    """The administrator's own organisation."""
    tree: Organisations
    """As if there were no other."""
    is_all: bool

    def keeps(self, org: str) -> bool:
        return self.is_all or org in self.tree.rows

    def keeps_device(self, device: Device) -> bool:
        return self.keeps(device.org or f"unit:{device.unit_id}")


def realm_of(request: AnyRequest, services: Services) -> Realm:
    whole, top = services.tree.organisations, principal_of(request).org
    own = [whole.rows[org] for org in whole.subtree(top)] if top in whole.rows else []
    return Realm(top=top, tree=Organisations(own), is_all=0 < len(own) == len(whole.rows))


async def check_terminal(request: AnyRequest, services: Services, phone: str) -> None:
    """Raises ProblemError where the asker keeps no such terminal."""
    device = await services.accounts.find_device(phone, "terminal")
    if device is None or not realm_of(request, services).keeps_device(device):
        raise ProblemError(404, "absent", "phone")
