"""Lines to another node: its board, its feed, asks, over https."""

from goldenhour.adapters.peers.adapter import PeerLink

__all__ = ["PeerLink"]
