"""`goldenhour simulate bad-radio`: the bad link on a port of its own, to put before a centre."""

import asyncio
import random
import sys

from goldenhour.main.demo_file import refuse_live
from goldenhour.main.settings import Settings
from goldenhour.simulator.bad_radio import BadRadio, Profile, load_profiles


def run_radio(settings: Settings, *, listen: int | None, to: str, profile: str) -> None:
    """Until Ctrl-C; a profile's name on standard input changes the link. Raises SystemExit."""
    refuse_live(settings)
    profiles = load_profiles()
    if profile not in profiles:
        raise SystemExit(f"--profile: there is no {profile}; there are {', '.join(profiles)}")
    host, _, port = to.rpartition(":")
    if not host or not port.isdigit():
        raise SystemExit(f"--to: {to or 'nothing'} is not HOST:PORT")
    if listen is None:
        raise SystemExit("--listen: which port?")
    print(
        f"WARNING: a BAD RADIO link, a test tool, stands on port {listen} before {to}."
        " It delays, cuts and loses on purpose. Never put it before a live centre.",
        flush=True,
    )
    radio = BadRadio(profiles[profile], (host, int(port)), random.Random())  # noqa: S311 (a simulation, no secret)
    try:
        asyncio.run(_serve(radio, profiles, listen))
    except OSError as error:
        raise SystemExit(f"--listen: {error.strerror or error}") from error
    except KeyboardInterrupt:
        print("stopped")


async def _serve(radio: BadRadio, profiles: dict[str, Profile], listen: int) -> None:
    loop = asyncio.get_running_loop()

    def on_line() -> None:
        name = sys.stdin.readline()
        if not name:
            loop.remove_reader(sys.stdin)
        elif name.strip() in profiles:
            radio.set(profiles[name.strip()])
            print(f"now {name.strip()}", flush=True)
        else:
            print(f"there is no {name.strip()}; there are {', '.join(profiles)}", flush=True)

    async with radio.running(port=listen):
        if sys.stdin.isatty():
            loop.add_reader(sys.stdin, on_line)
        await asyncio.Event().wait()
