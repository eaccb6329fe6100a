"""`goldenhour simulate roads`: the double of a road authority's feed."""

from pathlib import Path

import msgspec

from goldenhour.main.clock import SystemClock
from goldenhour.main.demo_file import refuse_live
from goldenhour.main.https_double import own_token, serve
from goldenhour.main.settings import Settings
from goldenhour.main.tls import certificate_of
from goldenhour.simulator.road_feed import (
    PATH,
    WARNING,
    Fault,
    RoadFeedConfig,
    RoadFeedDouble,
    Street,
)

TOKEN_FILE = "road-feed-token"  # noqa: S105 (the name of a file)
BY_HAND_FILE = "road-feed.json"


def use_road_feed_double(settings: Settings, ca: Path) -> Settings:
    """The demo's settings: its centre asks the double, unless it is told to ask another."""
    if settings.road_feed_url:
        return settings
    return msgspec.structs.replace(
        settings,
        road_feed_url=f"https://localhost:{settings.road_feed_port}{PATH}",
        road_feed_token_file=str(own_token(settings, TOKEN_FILE)),
        road_feed_ca=str(ca),
    )


def run_road_feed_double(settings: Settings, *, lively: bool, seed: int, fault: str) -> None:
    """Until a signal. Raises SystemExit."""
    refuse_live(settings)
    if fault not in list(Fault):
        raise SystemExit(f"--fault: there is no {fault}; there are {', '.join(Fault)}")
    certificate = certificate_of(settings)
    settings = use_road_feed_double(settings, certificate.ca)
    config = RoadFeedConfig(
        token=Path(settings.road_feed_token_file).read_text(encoding="utf-8").strip(),
        by_hand=settings.state_dir / BY_HAND_FILE,
        lively=lively,
        seed=seed,
        fault=Fault(fault),
    )
    streets: list[Street] = []
    if lively:
        # `goldenhour run` reads this file too, and has no use for a map.
        from goldenhour.main.road_feed_streets import list_streets  # noqa: PLC0415

        streets = list_streets(settings.city_dir, seed)
    print(WARNING, flush=True)
    serve(RoadFeedDouble(config, streets, SystemClock()), settings.road_feed_port, certificate)
