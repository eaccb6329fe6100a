"""Another node's board, over https."""

from goldenhour.adapters.peers.adapter import PeerLink

__all__ = ["PeerLink"]
