"""The settings of one node: defaults, then a TOML file, then GOLDENHOUR_* variables.

Rule 1: an unknown key or variable is refused by its name, since a misspelt setting that is silently
ignored is found on the worst day.
Rule 2: a setting exists only when something reads it.
"""

import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from goldenhour.app.uplinks import DataClass, Uplink
from goldenhour.kernel.datum import Datum
from goldenhour.kernel.record import Record

PREFIX: Final = "GOLDENHOUR_"

_NOT_SETTINGS: Final = frozenset({"GOLDENHOUR_CONFIG", "GOLDENHOUR_DATA", "GOLDENHOUR_API"})
"""The settings file itself, data of tests and of the cameras' double, what `npm run dev` serves."""

MOST_UPLINKS: Final = 2

_LAST_PORT: Final = 65_535
_LAST_CHANNEL: Final = 255
"""A camera's channel is one byte (JT/T 1078)."""
Port = Annotated[int, Meta(ge=1, le=_LAST_PORT)]


class SettingsError(ValueError):
    """A setting is wrong; the text names it and where it stands."""


class LogFormat(StrEnum):
    PRETTY = "pretty"
    JSON = "json"


class World(StrEnum):
    """A world is a database of its own; nothing moves from one into another."""

    LIVE = "live"
    TRAINING = "training"
    SIMULATION = "simulation"


class Settings(Record):
    state: str
    """Folder of everything that must survive a restart."""
    database_url: str | None = None
    """None: the embedded PostgreSQL."""
    host: str = "0.0.0.0"  # noqa: S104 (tablets and hospitals connect from other machines)
    https_port: Port = 8443
    jt808_port: Port = 8808
    jt808_gateways: str = ""
    """Networks of approved gateways of vehicle terminals (CIDR, between commas): a private APN."""
    cabin_video_to: Annotated[str, Meta(pattern=r"^([A-Za-z0-9.-]{1,200}:[0-9]{1,5})?$")] = ""
    """Where recorders send the cabin's video, HOST:PORT: the vehicle's computer as it is called in
    the vehicle's own network; empty: recorders are not asked and send by themselves."""
    cabin_video_channels: Annotated[str, Meta(pattern=r"^[0-9]{1,3}(,[0-9]{1,3})*$")] = "1"
    """Which of a recorder's channels, between commas."""
    mllp_port: Port = 2575
    ecg_port: Port = 2576
    """Where the demo's vehicles listen to ECG sources."""
    dicom_port: Port = 11112
    """Where the demo's vehicles take the pictures of ultrasound devices."""
    dicom_title: Annotated[str, Meta(pattern=r"^[A-Z0-9_-]{1,16}$")] = "GOLDENHOUR"
    """What those devices call (the application entity title)."""
    video_port: Port = 1078
    """Where the demo's vehicles take the video of cabin cameras."""
    edge_port: Port = 8444
    """Where the demo's vehicles serve their crews."""
    centre_url: str = ""
    """How the demo's vehicles reach the centre; empty: on this host."""
    uplinks: tuple[Uplink, ...] = ()
    """The networks between a vehicle and its centre, the best first; at most two."""
    node: Annotated[str, Meta(pattern=r"^[a-z0-9-]{0,20}$")] = ""
    """This node's name, where a county has one of its own; empty: there is no other."""
    peers: str = ""
    """The other nodes, each with its address and the key that it gave out (JSON); empty: none."""
    world: World = World.LIVE
    demo: bool = False
    """Demo accounts without a second factor, doubles of devices; refused in a live world."""
    demo_cameras: bool = False
    """The demo's vehicles have cabin cameras; `simulate cameras` is their double."""
    run_dir: str = ""
    """Short folder for this node's Unix sockets; empty: below the state folder."""
    roots_folder: str = ""
    """Where the journal's signed roots leave this host to; empty: they are printed in the log."""
    run_sheets_folder: str = ""
    """Where a run sheet goes every minute, to be printed from; empty: below the state folder."""
    city: str = ""
    """The city folder in use; empty: below the state folder."""
    formulary: str = ""
    """The drugs and doses that the local medical director has approved (TOML); empty: none."""
    ws542: str = ""
    """Our record against WS 542, filled in by whoever holds its text (TOML); empty: unconfirmed."""
    residents_url: str = ""
    """The resident record service, FHIR R4 over https; empty: none, and the screens say so."""
    residents_token_file: str = ""
    """Its bearer token, alone in a file."""
    residents_ca: str = ""
    """Who signed its certificate (PEM); empty: the authorities that this system trusts."""
    residents_port: Port = 8445
    """Where the demo's double of that service listens, on loopback alone."""
    mask_callers: bool = False
    """Crews see callers' numbers masked and ring up through the platform below."""
    callback_url: str = ""
    """The operator's platform that joins two telephones, over https; empty: none."""
    callback_token_file: str = ""
    """Its bearer token, alone in a file."""
    callback_ca: str = ""
    """Who signed its certificate (PEM); empty: the authorities that this system trusts."""
    callback_port: Port = 8446
    """Where the demo's double of that platform listens, on loopback alone."""
    road_feed_url: str = ""
    """A road authority's feed of closures (CIFS), its whole https address; empty: none."""
    road_feed_token_file: str = ""
    """Its bearer token, alone in a file."""
    road_feed_ca: str = ""
    """Who signed its certificate (PEM); empty: the authorities that this system trusts."""
    road_feed_datum: Datum = Datum.WGS84
    """In which its coordinates are; Chinese maps give gcj02."""
    road_feed_port: Port = 8448
    """Where the demo's double of that feed listens, on loopback alone."""
    seat_port: Port = 8447
    """Where a centre's fallback seat serves its desk."""
    card_reader_port: Port = 2577
    """Where the demo's double of an identity card reader listens, on loopback alone."""
    tls_cert: str = ""
    """The server's own certificate and those above it (PEM); empty: the local authority's."""
    tls_key: str = ""
    tls_ca: str = ""
    """Who a vehicle trusts for its centre (PEM); empty: the local authority of this node."""
    worker_metrics_port: Port | None = None
    """Where Prometheus reads the worker, on loopback alone; None: nowhere."""
    gateway_metrics_port: Port | None = None
    log_format: LogFormat = LogFormat.PRETTY
    log_level: str = "INFO"

    @property
    def state_dir(self) -> Path:
        return Path(self.state)

    @property
    def city_dir(self) -> Path:
        return Path(self.city) if self.city else self.state_dir / "city"

    @property
    def run_sheets_dir(self) -> Path:
        folder = self.run_sheets_folder
        return Path(folder) if folder else self.state_dir / "run-sheets"

    @property
    def formulary_file(self) -> Path | None:
        return Path(self.formulary) if self.formulary else None

    @property
    def peers_file(self) -> Path | None:
        return Path(self.peers) if self.peers else None

    @property
    def ws542_file(self) -> Path | None:
        return Path(self.ws542) if self.ws542 else None

    @property
    def tls_dir(self) -> Path:
        """The local authority and what it signed."""
        return self.state_dir / "tls"

    @property
    def trusted_ca(self) -> Path:
        """Who signed the centre's certificate."""
        return Path(self.tls_ca) if self.tls_ca else self.tls_dir / "ca.crt"

    @property
    def own_ca(self) -> Path:
        """Who signed this node's own certificate; offered for download as ca.crt."""
        return Path(self.tls_ca) if self.tls_cert else self.tls_dir / "ca.crt"

    @property
    def sockets_dir(self) -> Path:
        return Path(self.run_dir) if self.run_dir else self.state_dir / "run"


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Raises SettingsError."""
    values: dict[str, Any] = {"state": str(default_state_dir(environ))}
    if path := environ.get("GOLDENHOUR_CONFIG"):
        values |= _read_file(Path(path))
    for variable, text in environ.items():
        if variable.startswith(PREFIX) and variable not in _NOT_SETTINGS:
            name = variable.removeprefix(PREFIX).lower()
            if name not in Settings.__struct_fields__:
                raise SettingsError(f"{variable}: there is no such setting")
            values |= {name: _convert(variable, name, text)}
    settings = msgspec.convert(values, Settings)
    if len(settings.uplinks) > MOST_UPLINKS:
        raise SettingsError(f"uplinks: {len(settings.uplinks)} are too many; there may be two")
    if len({uplink.name for uplink in settings.uplinks}) < len(settings.uplinks):
        raise SettingsError("uplinks: both have the same name")
    for data in DataClass if settings.uplinks else ():
        if not any(data in uplink.carries for uplink in settings.uplinks):
            raise SettingsError(f"uplinks: none carries {data}")
    if settings.demo and settings.world is World.LIVE:
        raise SettingsError("demo: a live world accepts no demo accounts and no doubles")
    if settings.tls_cert or settings.tls_key:
        for name in ("tls_cert", "tls_key", "tls_ca"):
            if not getattr(settings, name):
                raise SettingsError(f"{name}: a certificate of your own needs all three tls_ files")
    if settings.peers and not settings.node:
        raise SettingsError("peers: a node with others beside it needs a name, the setting node")
    if settings.residents_url and not settings.residents_url.startswith("https://"):
        raise SettingsError("residents_url: health records are fetched over https alone")
    if settings.residents_url and not settings.residents_token_file:
        raise SettingsError("residents_token_file: the record service needs its token")
    if settings.callback_url and not settings.callback_url.startswith("https://"):
        raise SettingsError("callback_url: telephone numbers are sent over https alone")
    if settings.callback_url and not settings.callback_token_file:
        raise SettingsError("callback_token_file: the platform needs its token")
    if settings.road_feed_url and not settings.road_feed_url.startswith("https://"):
        raise SettingsError("road_feed_url: what shuts a road is asked for over https alone")
    if settings.road_feed_url and not settings.road_feed_token_file:
        raise SettingsError("road_feed_token_file: the feed needs its token")
    for network in list_networks(settings.jt808_gateways):
        try:
            ip_network(network)
        except ValueError as error:
            raise SettingsError(f"jt808_gateways: {error}") from error
    if settings.cabin_video_to and not 0 < read_address(settings.cabin_video_to)[1] <= _LAST_PORT:
        raise SettingsError(f"cabin_video_to: ports go from 1 to {_LAST_PORT}")
    if not all(0 < channel <= _LAST_CHANNEL for channel in list_channels(settings)):
        raise SettingsError(f"cabin_video_channels: channels go from 1 to {_LAST_CHANNEL}")
    files = (
        *("tls_cert", "tls_key", "tls_ca", "formulary", "ws542", "peers"),
        *("residents_token_file", "residents_ca", "callback_token_file", "callback_ca"),
        *("road_feed_token_file", "road_feed_ca"),
    )
    for name in files:
        if (path := getattr(settings, name)) and not Path(path).is_file():
            raise SettingsError(f"{name}: there is no file {path}")
    return settings


def uplinks_to(centre: str | None, settings: Settings) -> tuple[Uplink, ...]:
    """The networks to a centre: one to this address, else those set. Raises SystemExit."""
    if centre:
        try:
            return (msgspec.convert({"name": "centre", "url": centre}, Uplink),)
        except msgspec.ValidationError as error:
            raise SystemExit(f"--centre: {error}") from error
    if not settings.uplinks:
        raise SystemExit("--centre: which centre? Or name one or two in the setting `uplinks`.")
    return settings.uplinks


def list_networks(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def read_address(text: str) -> tuple[str, int]:
    """`HOST:PORT`."""
    host, _, port = text.rpartition(":")
    return host, int(port)


def list_channels(settings: Settings) -> tuple[int, ...]:
    return tuple(int(part) for part in settings.cabin_video_channels.split(","))


def default_state_dir(environ: Mapping[str, str]) -> Path:
    """The XDG state folder; under root the system's, which PostgreSQL's account can reach."""
    if os.geteuid() == 0:
        return Path("/var/lib/goldenhour")
    home = environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
    return Path(home) / "goldenhour"


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    for name, value in values.items():
        if name not in Settings.__struct_fields__:
            raise SettingsError(f"{path}: {name}: there is no such setting")
        _convert(f"{path}: {name}", name, value)
    return values


def _convert(where: str, name: str, value: object) -> Any:
    kind = next(field.type for field in msgspec.structs.fields(Settings) if field.name == name)
    try:
        # Variables are text, so "8443" must do for a number.
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: {error}") from error
