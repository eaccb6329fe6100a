"""A vehicle's own computer: its store, its link to the centre, its log-in."""

from goldenhour.adapters.edge.accounts import EdgeAccounts
from goldenhour.adapters.edge.config import EdgeConfig
from goldenhour.adapters.edge.link import EdgeLink
from goldenhour.adapters.edge.store import EdgeStore

__all__ = ["EdgeAccounts", "EdgeConfig", "EdgeLink", "EdgeStore"]
