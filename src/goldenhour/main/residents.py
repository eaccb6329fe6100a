"""`goldenhour simulate residents`: the double of the resident record service."""

from datetime import date
from pathlib import Path

import msgspec

from goldenhour.kernel.time import CHINA, to_datetime
from goldenhour.main.clock import SystemClock
from goldenhour.main.demo_file import refuse_live
from goldenhour.main.https_double import own_token, serve
from goldenhour.main.settings import Settings
from goldenhour.main.tls import certificate_of
from goldenhour.simulator.resident_stories import STORIES
from goldenhour.simulator.residents import WARNING, Fault, ResidentsConfig, ResidentsDouble

TOKEN_FILE = "residents-token"  # noqa: S105 (the name of a file)


def use_residents_double(settings: Settings, ca: Path) -> Settings:
    """The demo's settings: its centre asks the double, unless it is told to ask another."""
    if settings.residents_url:
        return settings
    return msgspec.structs.replace(
        settings,
        residents_url=f"https://localhost:{settings.residents_port}",
        residents_token_file=str(own_token(settings, TOKEN_FILE)),
        residents_ca=str(ca),
    )


def run_residents(settings: Settings, *, seed: int, fault: str) -> None:
    """Until a signal. Raises SystemExit."""
    refuse_live(settings)
    if fault not in list(Fault):
        raise SystemExit(f"--fault: there is no {fault}; there are {', '.join(Fault)}")
    certificate = certificate_of(settings)
    settings = use_residents_double(settings, certificate.ca)
    config = ResidentsConfig(
        base_url=f"https://localhost:{settings.residents_port}",
        token=Path(settings.residents_token_file).read_text(encoding="utf-8").strip(),
        today=_today(),
        seed=seed,
        fault=Fault(fault),
    )
    double = ResidentsDouble(config)
    print(WARNING, flush=True)
    for person in double.people[: len(STORIES)]:
        print(f"  {person.id_number}  {person.health_code}  {person.story.about}", flush=True)
    serve(double, settings.residents_port, certificate)


def _today() -> date:
    return to_datetime(SystemClock().now_ms()).astimezone(CHINA).date()
