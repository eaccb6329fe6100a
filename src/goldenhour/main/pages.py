"""What every web process serves beside its data: the consoles and the clinical content."""

from importlib.resources import files
from pathlib import Path

import msgspec

from goldenhour import content
from goldenhour.content.facts import load_limits
from goldenhour.content.rules import load_rules


def content_json(formulary: Path | None = None) -> bytes:
    """The clinical content as the consoles read it."""
    loaded = content.load(formulary=formulary)
    protocol = loaded.protocol
    return msgspec.json.encode(
        {
            "levels": loaded.levels,
            "entry": protocol.entry,
            "topics": protocol.topics,
            "cards": protocol.cards,
            "marks": protocol.marks,
            "scripts": protocol.scripts,
            "tcpr": loaded.tcpr,
            "vitals": loaded.vitals,
            "gcs": loaded.gcs,
            "record": loaded.record,
            "sheets": loaded.sheets,
            "scores": loaded.scores,
            "inputs": loaded.inputs,
            "ecg": loaded.ecg,
            "formulary": loaded.formulary,
            "portrait": loaded.portrait,
            "shift_check": loaded.shift_check,
            "limits": load_limits(),
            "files": load_rules().files,
            "about": loaded.list_about(),
        }
    )


def web_root() -> Path:
    """The built consoles: beside the package in a checkout, inside it in a wheel."""
    checkout = Path(__file__).parents[3] / "web" / "dist"
    return checkout if checkout.is_dir() else Path(str(files("goldenhour"))) / "web"
