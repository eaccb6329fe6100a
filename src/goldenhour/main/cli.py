"""The command line: one word a task; every error is a sentence.

It is the list of the tasks with what each of them starts, and long for that.
"""

import argparse
import asyncio
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from goldenhour.main.logs import configure_logs
from goldenhour.main.memory import TIDY_RARELY_S, TIDY_S, begin, run_for_long
from goldenhour.main.settings import Settings, SettingsError, load_settings, uplinks_to

SERVERS = ("api", "worker", "gateway", "learner")
DRILLS = (
    *("authz", "degrade", "ecg", "fuzz", "kill", "limits", "merge", "offline", "paper"),
    *("power", "race"),
    *("shuffle", "sim", "spoof", "storm", "tamper", "uplinks"),
)
DOUBLES = (
    *("terminals", "monitors", "ecg", "ultrasound", "cameras"),
    *("callers", "people", "residents", "callbacks", "card-reader", "roads"),
    "bad-radio",
)
TROUBLES = {
    "ultrasound": ("wrong-title", "broken-pixels", "duplicate", "abort"),
    "cameras": ("stall", "duplicate", "lost-middle", "reordered", "stranger"),
}
METERS = ("glucose", "thermometer")
BENCHES = (
    "city", "dispatch", "ecg", "ecg-beats", "eta", "gateway", "journal", "match-map", "record",
    "soak", "telemetry", "traffic",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(os.environ)
        configure_logs(settings.log_format, settings.log_level)
    except (SettingsError, ValueError) as error:
        raise SystemExit(str(error)) from error
    options.task(options, settings)


def _parser() -> argparse.ArgumentParser:  # noqa: PLR0915 (a list of the tasks)
    parser = argparse.ArgumentParser(prog="goldenhour", description="GoldenHour 黄金时间")
    tasks = parser.add_subparsers(required=True, metavar="TASK")

    run = tasks.add_parser("run", help="start everything: database, server, vehicles, doubles")
    which = run.add_mutually_exclusive_group()
    which.add_argument("--city", type=Path, help="an OpenStreetMap extract (.osm.pbf, .osm.gz)")
    which.add_argument("--town", action="store_true", help="a small fictional town, quickly built")
    run.add_argument("--overrides", type=Path, help="corrections to the city (CSV)")
    run.add_argument(
        "--alone", action="store_true", help="no simulated people: only callers and devices"
    )
    run.add_argument("--seat", action="store_true", help="the centre's fallback seat as well")
    run.set_defaults(task=_run)

    serve = tasks.add_parser("serve", help="one process of the centre")
    serve.add_argument("process", choices=SERVERS)
    serve.set_defaults(task=_serve)

    migrate = tasks.add_parser("migrate", help="bring the database schema up to date")
    migrate.set_defaults(task=_migrate)

    city = tasks.add_parser("city", help="make or import a city, load it into the register")
    actions = city.add_subparsers(required=True, metavar="ACTION")
    importing = actions.add_parser("import", help="build the city folder from an OSM extract")
    importing.add_argument("source", type=Path)
    importing.add_argument("--overrides", type=Path)
    importing.add_argument("--name")
    importing.set_defaults(task=_city_import)
    building = actions.add_parser("build", help="make the fictional 安澜市 and import it")
    building.add_argument("--seed", type=int, default=1, help="another seed, another city")
    building.add_argument("--out", type=Path, help="folder for anlan.osm.pbf and anlan.csv")
    building.set_defaults(task=_city_build)
    loading = actions.add_parser("load", help="organisations, units, hospitals into the register")
    loading.set_defaults(task=_city_load)

    device = tasks.add_parser("device", help="what may speak for a vehicle or a centre")
    device.add_argument("action", choices=("add", "disable"))
    device.add_argument("kind", choices=("terminal", "monitor", "edge", "phone", "seat", "node"))
    device.add_argument("--unit", help="the vehicle; of every kind but a seat")
    device.add_argument(
        "--org", help="seat: the centre whose fallback it is; node: whose units it sees"
    )
    device.add_argument("--seat", help="seat: its name")
    device.add_argument("--node", help="node: the other node's name")
    device.add_argument("--url", help="node: https address at which it reaches this one")
    device.add_argument("--id", help="a terminal's number, a monitor's EUI-64")
    device.add_argument("--file", type=Path, help="where the key of a computer or seat goes")
    device.set_defaults(task=_device)

    export = tasks.add_parser("export", help="write evidence for `goldenhour verify`")
    what = export.add_mutually_exclusive_group(required=True)
    what.add_argument("--incident", metavar="NUMBER", help="a case number, YYYYMMDD-NNNN")
    what.add_argument("--all", action="store_true")
    export.add_argument("file", type=Path)
    export.set_defaults(task=_export)

    erase = tasks.add_parser("erase", help="erase texts and files whose retention is over")
    which = erase.add_mutually_exclusive_group(required=True)
    which.add_argument("--incident", metavar="NUMBER", help="a case number, YYYYMMDD-NNNN")
    which.add_argument("--due", action="store_true", help="everything that is due")
    erase.add_argument("--reason", default="retention over")
    erase.set_defaults(task=_erase)

    hold = tasks.add_parser("hold", help="forbid erasing a case, or lift that again")
    hold.add_argument("incident", metavar="NUMBER")
    hold.add_argument("--reason", required=True)
    hold.add_argument("--lift", action="store_true")
    hold.set_defaults(task=_hold)

    edge = tasks.add_parser("edge", help="the computer of a vehicle")
    edge.add_argument("--centre", help="https address of the centre; else the setting `uplinks`")
    edge.add_argument("--vehicles", type=Path, help="file with the vehicle's key and devices")
    edge.set_defaults(task=_edge)

    seat = tasks.add_parser("seat", help="a centre's fallback seat")
    seat.add_argument("--centre", help="https address of the centre; else the setting `uplinks`")
    seat.add_argument("--file", type=Path, help="file with the seat's key")
    seat.set_defaults(task=_seat)

    simulate = tasks.add_parser("simulate", help="doubles, or a whole city in virtual time")
    what = simulate.add_mutually_exclusive_group(required=True)
    what.add_argument("kind", nargs="?", choices=DOUBLES)
    what.add_argument("--city", help="demo, or a city folder: virtual time, prints indicators")
    simulate.add_argument("--days", type=float, default=1.0)
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument("--calls-per-day", type=float)
    simulate.add_argument("--listen", type=int, metavar="PORT", help="bad-radio: its own port")
    simulate.add_argument("--to", metavar="HOST:PORT", help="bad-radio: whom it leads to")
    simulate.add_argument(
        "--fault", default="none", help="residents, callbacks, card-reader, roads, --meter"
    )
    simulate.add_argument("--lively", action="store_true", help="roads: shuts some by itself")
    simulate.add_argument("--profile", default="poor", help="bad-radio: which link")
    simulate.add_argument("--unit", help="ultrasound, --meter: in this unit now, once")
    simulate.add_argument("--meter", choices=METERS, help="monitors: a meter measures once")
    simulate.add_argument("--trouble", help="ultrasound with --unit, cameras: how it misbehaves")
    simulate.set_defaults(task=_simulate)

    verify = tasks.add_parser("verify", help="check an evidence export", add_help=False)
    verify.set_defaults(task=_verify)
    verify.add_argument("rest", nargs=argparse.REMAINDER)

    ecg = tasks.add_parser("prove-ecg", help="check stored ECG against its sources' seals")
    ecg.add_argument("folder", type=Path, nargs="?", help="segments; else those of this centre")
    ecg.set_defaults(task=_prove_ecg)

    files = tasks.add_parser("ecg", help="ECG as DICOM, EDF+ or FHIR, and other devices' files")
    actions = files.add_subparsers(required=True, metavar="ACTION")
    writing = actions.add_parser("export", help="write the ECG of a case or of a segment file")
    what = writing.add_mutually_exclusive_group(required=True)
    what.add_argument("--incident", metavar="NUMBER", help="a case number, YYYYMMDD-NNNN")
    what.add_argument("--segment", type=Path, metavar="FILE", help="a .seg file, as it is")
    writing.add_argument("--patient", metavar="ID", help="where a case has several")
    writing.add_argument("--format", choices=("dicom", "edf", "fhir"), required=True)
    writing.add_argument("--out", type=Path, metavar="FILE", required=True)
    writing.set_defaults(task=_ecg_export)
    reading = actions.add_parser("import", help="say what a DICOM or EDF file holds; keep it")
    reading.add_argument("file", type=Path)
    reading.add_argument("--incident", metavar="NUMBER", help="keep it as this case's")
    reading.add_argument("--patient", metavar="ID", help="where a case has several")
    reading.set_defaults(task=_ecg_import)

    person = tasks.add_parser("person", help="add a person, for example the first administrator")
    person.add_argument("username")
    person.add_argument("--role", required=True)
    person.add_argument("--org", required=True)
    person.add_argument("--name", required=True)
    person.set_defaults(task=_person)

    for name, choices in (("drill", DRILLS), ("bench", BENCHES)):
        tool = tasks.add_parser(name, help=f"one {name}; prints a JSON line last", add_help=False)
        tool.add_argument("name", choices=choices)
        tool.add_argument("rest", nargs=argparse.REMAINDER)
        tool.set_defaults(task=_drill if name == "drill" else _bench)
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.run import run  # noqa: PLC0415 (each task loads only what it needs)

    run(
        settings,
        source=options.city,
        overrides=options.overrides,
        town=options.town,
        alone=options.alone,
        seat=options.seat,
    )


def _serve(options: argparse.Namespace, settings: Settings) -> None:
    begin()
    match options.process:
        case "api":
            from goldenhour.main.centre import run_api as work  # noqa: PLC0415 (as above)
        case "worker":
            from goldenhour.main.worker import run_worker as work  # noqa: PLC0415 (as above)
        case "learner":
            from goldenhour.main.learner import run_learner as work  # noqa: PLC0415 (as above)
        case _:
            from goldenhour.main.gateway import run_gateway as work  # noqa: PLC0415 (as above)
    run_for_long(work(settings), TIDY_RARELY_S if options.process == "gateway" else TIDY_S)


def _migrate(_options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.adapters.postgres.migrate import MigrationError, migrate  # noqa: PLC0415

    if settings.database_url is None:
        raise SystemExit("Set GOLDENHOUR_DATABASE_URL to the owner's connection.")
    try:
        ran = migrate(settings.database_url)
    except MigrationError as error:
        raise SystemExit(str(error)) from error
    print("\n".join(ran) or "nothing to do")


def _city_import(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.city import build_city  # noqa: PLC0415 (as above)

    remarks = build_city(
        options.source,
        settings.city_dir,
        overrides=options.overrides,
        name=options.name,
        say=print,
    )
    print("\n".join(f"note: {remark}" for remark in remarks))


def _city_build(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.city import build_prefecture  # noqa: PLC0415 (as above)

    out = options.out or settings.state_dir
    build_prefecture(out, settings.city_dir, seed=options.seed, say=print)


def _city_load(_options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.register import load  # noqa: PLC0415 (as above)

    asyncio.run(load(settings))


def _device(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.devices import (  # noqa: PLC0415 (as above)
        change_devices,
        change_node,
        change_seat,
    )

    where = {"action": options.action, "file": options.file}
    if options.kind == "seat":
        change_seat(settings, org=options.org, seat=options.seat, **where)
    elif options.kind == "node":
        named = {"org": options.org, "node": options.node, "url": options.url}
        change_node(settings, **named, **where)
    else:
        named = {"kind": options.kind, "unit_id": options.unit, "device_id": options.id}
        change_devices(settings, **named, **where)


def _export(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.export import export  # noqa: PLC0415 (as above)

    export(settings, incident=options.incident, path=options.file)


def _erase(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.erase import erase  # noqa: PLC0415 (as above)

    erase(settings, incident=options.incident, reason=options.reason)


def _hold(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.erase import hold  # noqa: PLC0415 (as above)

    hold(settings, incident=options.incident, reason=options.reason, lift=options.lift)


def _edge(options: argparse.Namespace, settings: Settings) -> None:
    begin()
    from goldenhour.main.vehicle import run_edge  # noqa: PLC0415 (as above)
    from goldenhour.main.vehicle_file import VEHICLES_FILE, read_vehicles  # noqa: PLC0415

    path = options.vehicles or settings.state_dir / VEHICLES_FILE
    run_for_long(run_edge(settings, read_vehicles(path), uplinks_to(options.centre, settings)))


def _seat(options: argparse.Namespace, settings: Settings) -> None:
    begin()
    from goldenhour.main.seat import run_seat  # noqa: PLC0415 (as above)

    run_for_long(run_seat(settings, options.file, uplinks_to(options.centre, settings)))


def _simulate(options: argparse.Namespace, settings: Settings) -> None:
    troubles = TROUBLES.get(options.kind, ())
    if options.trouble is not None and options.trouble not in troubles:
        raise SystemExit(
            f"--trouble: {options.kind or 'a city'} knows {', '.join(troubles) or 'none'}"
        )
    if options.kind == "bad-radio":
        from goldenhour.main.radio import run_radio  # noqa: PLC0415 (as above)

        run_radio(settings, listen=options.listen, to=options.to or "", profile=options.profile)
        return
    if options.kind == "ultrasound" and options.unit is not None:
        from goldenhour.main.ultrasound_double import examine_once  # noqa: PLC0415 (as above)

        asyncio.run(examine_once(settings, options.unit, options.trouble))
        return
    if options.kind == "monitors" and options.meter is not None:
        from goldenhour.main.simulate import measure_once  # noqa: PLC0415 (as above)

        asyncio.run(measure_once(settings, options.unit or "", options.meter, options.fault))
        return
    if options.kind == "residents":
        from goldenhour.main.residents import run_residents  # noqa: PLC0415 (as above)

        run_residents(settings, seed=options.seed, fault=options.fault)
        return
    if options.kind == "callbacks":
        from goldenhour.main.callback_platform import run_callbacks_double  # noqa: PLC0415 (as above)

        run_callbacks_double(settings, fault=options.fault)
        return
    if options.kind == "roads":
        from goldenhour.main.road_feed_double import run_road_feed_double  # noqa: PLC0415 (as above)

        run_road_feed_double(
            settings, lively=options.lively, seed=options.seed, fault=options.fault
        )
        return
    if options.kind == "card-reader":
        from goldenhour.main.card_reader import run_card_reader  # noqa: PLC0415 (as above)

        run_card_reader(settings, seed=options.seed, fault=options.fault)
        return
    if options.city is None:
        from goldenhour.main.simulate import run_double  # noqa: PLC0415 (as above)

        run_for_long(run_double(options.kind, settings, options.trouble))
        return
    from goldenhour.main.virtual_city import simulate  # noqa: PLC0415 (as above)

    simulate(
        settings.city_dir if options.city == "demo" else Path(options.city),
        days=options.days,
        seed=options.seed,
        calls_per_day=options.calls_per_day,
    )


def _verify(options: argparse.Namespace, _settings: Settings) -> None:
    from goldenhour.main.verify import main as verify  # noqa: PLC0415 (as above)

    raise SystemExit(verify(options.rest))


def _prove_ecg(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.ecg_proof import prove_ecg  # noqa: PLC0415 (as above)

    if not prove_ecg(options.folder or settings.state_dir / "ecg"):
        raise SystemExit(1)


def _ecg_export(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.ecg_files import export_case, export_segment  # noqa: PLC0415 (as above)

    if options.segment is not None:
        export_segment(options.segment, options.format, options.out)
        return
    asyncio.run(
        export_case(
            settings,
            number=options.incident,
            patient_id=options.patient,
            form=options.format,
            out=options.out,
        )
    )


def _ecg_import(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.ecg_files import import_file  # noqa: PLC0415 (as above)

    asyncio.run(
        import_file(settings, options.file, number=options.incident, patient_id=options.patient)
    )


def _person(options: argparse.Namespace, settings: Settings) -> None:
    from goldenhour.main.people import add_person  # noqa: PLC0415 (as above)

    asyncio.run(
        add_person(
            settings,
            username=options.username,
            role=options.role,
            org=options.org,
            name=options.name,
        )
    )


def _drill(options: argparse.Namespace, _settings: Settings) -> None:
    module = importlib.import_module(f"goldenhour.main.drills.{options.name}")
    raise SystemExit(module.main(options.rest))


def _bench(options: argparse.Namespace, _settings: Settings) -> None:
    sys.path.insert(0, str(Path.cwd() / "bench"))
    module = importlib.import_module(options.name.replace("-", "_"))
    raise SystemExit(module.main(options.rest))


if __name__ == "__main__":
    main()
