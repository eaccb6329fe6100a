"""The gateway's counters, in the registry that it is given."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.messages: Final = Counter(
            "jt808_messages", "Well-formed messages of terminals", registry=registry
        )
        self.bad_frames: Final = Counter(
            "jt808_bad_frames", "Refused frames and messages", ["reason"], registry=registry
        )
        self.fixes: Final = Counter(
            "jt808_fixes_stored", "Positions that the store has taken", registry=registry
        )
        self.append_failures: Final = Counter(
            "jt808_append_failures", "Batches that the store refused", registry=registry
        )
        self.publish_failures: Final = Counter(
            "jt808_publish_failures", "Batches not wholly published", registry=registry
        )
        self.help_failures: Final = Counter(
            "jt808_help_failures", "Calls for help that could not be told", registry=registry
        )
        self.media: Final = Counter(
            "jt808_media_stored", "Pictures, sound and video that are kept", registry=registry
        )
        self.media_failures: Final = Counter(
            "jt808_media_failures", "Of them, those that could not be kept", registry=registry
        )
        self.closed: Final = Counter(
            "jt808_connections_closed", "Connections that we closed", ["reason"], registry=registry
        )
        self.connections: Final = Gauge("jt808_connections", "Open connections", registry=registry)
