"""`goldenhour simulate callbacks`: the double of the operator's platform."""

from pathlib import Path

import msgspec

from goldenhour.main.demo_file import refuse_live
from goldenhour.main.https_double import own_token, serve
from goldenhour.main.settings import Settings
from goldenhour.main.tls import certificate_of
from goldenhour.simulator.callback_platform import WARNING, CallbackConfig, CallbackDouble, Fault

TOKEN_FILE = "callback-token"  # noqa: S105 (the name of a file)


def use_callback_double(settings: Settings, ca: Path) -> Settings:
    """The demo's settings: its centre rings up by the double, unless it is told another."""
    if settings.callback_url:
        return settings
    return msgspec.structs.replace(
        settings,
        mask_callers=True,
        callback_url=f"https://localhost:{settings.callback_port}",
        callback_token_file=str(own_token(settings, TOKEN_FILE)),
        callback_ca=str(ca),
    )


def run_callbacks_double(settings: Settings, *, fault: str) -> None:
    """Until a signal. Raises SystemExit."""
    refuse_live(settings)
    if fault not in list(Fault):
        raise SystemExit(f"--fault: there is no {fault}; there are {', '.join(Fault)}")
    certificate = certificate_of(settings)
    settings = use_callback_double(settings, certificate.ca)
    token = Path(settings.callback_token_file).read_text(encoding="utf-8").strip()
    print(WARNING, flush=True)
    double = CallbackDouble(CallbackConfig(token=token, fault=Fault(fault)))
    serve(double, settings.callback_port, certificate)
