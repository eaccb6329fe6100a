"""`goldenhour simulate card-reader`: the double of the vehicles' identity card readers."""

import asyncio

from goldenhour.main.demo_file import refuse_live
from goldenhour.main.settings import Settings
from goldenhour.simulator.card_reader import WARNING, CardReaderConfig, CardReaderDouble, Fault


def run_card_reader(settings: Settings, *, seed: int, fault: str) -> None:
    """Until a signal. Raises SystemExit."""
    refuse_live(settings)
    if fault not in list(Fault):
        raise SystemExit(f"--fault: there is no {fault}; there are {', '.join(Fault)}")
    config = CardReaderConfig(port=settings.card_reader_port, seed=seed, fault=Fault(fault))
    print(WARNING, flush=True)
    try:
        asyncio.run(_serve(CardReaderDouble(config)))
    except OSError as error:
        raise SystemExit(f"card_reader_port: {error.strerror or error}") from error
    except KeyboardInterrupt:
        print("stopped")


async def _serve(double: CardReaderDouble) -> None:
    async with double.running():
        await asyncio.Event().wait()
