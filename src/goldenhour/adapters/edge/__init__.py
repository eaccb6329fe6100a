"""A vehicle's own computer: its store, its link to the centre, its log-in."""

from goldenhour.adapters.edge.accounts import EdgeAccounts
from goldenhour.adapters.edge.config import EdgeConfig
from goldenhour.adapters.edge.errands import Errand, FetchSpeeds, TellStrangers
from goldenhour.adapters.edge.link import EdgeLink
from goldenhour.adapters.edge.maps import FetchMap, MapFolder
from goldenhour.adapters.edge.schema import StoreError
from goldenhour.adapters.edge.store import EdgeStore
from goldenhour.adapters.edge.vault import SealedFiles, Vault

__all__ = [
    "EdgeAccounts",
    "EdgeConfig",
    "EdgeLink",
    "EdgeStore",
    "Errand",
    "FetchMap",
    "FetchSpeeds",
    "MapFolder",
    "SealedFiles",
    "StoreError",
    "TellStrangers",
    "Vault",
]
