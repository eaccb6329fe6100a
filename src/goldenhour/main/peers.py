"""The api process's part in other nodes: the file that names them, and a line to each."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec

from goldenhour.adapters.peers import PeerLink
from goldenhour.app.peers import Peer, Peers
from goldenhour.main.node import Node


def read_peers(path: Path | None) -> tuple[Peer, ...]:
    """Raises SystemExit with a plain sentence."""
    if path is None:
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Peer, ...])
    except OSError as error:
        raise SystemExit(f"peers: {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise SystemExit(f"peers: {path}: {error}") from error


def open_peers(node: Node) -> tuple[Peers | None, list[Callable[[], Coroutine[Any, Any, None]]]]:
    """None where there are none; with the loops that ask them."""
    named = read_peers(node.settings.peers_file)
    if not named:
        return None, []
    peers = Peers([peer.node for peer in named], node.world, node.clock)
    own, ca_file = node.settings.node, node.settings.trusted_ca
    links = [PeerLink(own, peer, ca_file, peers.take) for peer in named]
    return peers, [link.run for link in links]
