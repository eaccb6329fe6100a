"""Live telemetry between the processes of one node, over a local Unix socket."""

from goldenhour.adapters.bus.unix import BusClient, BusError, BusServer

__all__ = ["BusClient", "BusError", "BusServer"]
