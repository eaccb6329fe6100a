"""`goldenhour simulate callbacks`: the double of the operator's platform."""

import secrets
from pathlib import Path

import msgspec
import uvicorn

from goldenhour.main.settings import Settings
from goldenhour.main.simulate import refuse_live
from goldenhour.main.tls import certificate_of
from goldenhour.simulator.callback_platform import WARNING, CallbackConfig, CallbackDouble, Fault

TOKEN_FILE = "callback-token"  # noqa: S105 (the name of a file)


def use_callback_double(settings: Settings, ca: Path) -> Settings:
    """The demo's settings: its centre rings up by the double, unless it is told another."""
    if settings.callback_url:
        return settings
    token = settings.state_dir / TOKEN_FILE
    if not token.exists():
        token.touch(mode=0o600)
        token.write_text(secrets.token_hex(32), encoding="utf-8")
    return msgspec.structs.replace(
        settings,
        mask_callers=True,
        callback_url=f"https://localhost:{settings.callback_port}",
        callback_token_file=str(token),
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
    uvicorn.run(
        CallbackDouble(CallbackConfig(token=token, fault=Fault(fault))),
        host="127.0.0.1",
        port=settings.callback_port,
        ssl_certfile=str(certificate.chain),
        ssl_keyfile=str(certificate.key),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
