"""The release's content in the form that deciders take."""

from importlib.resources import files
from pathlib import Path

import msgspec

from goldenhour import content
from goldenhour.domain.attention.limits import Limits
from goldenhour.domain.care.assess import ScoreTables
from goldenhour.domain.care.record import CareContent
from goldenhour.domain.case import Facts
from goldenhour.domain.triage.determine import TriageContent


def load_limits() -> Limits:
    return msgspec.toml.decode((files(content) / "limits.toml").read_bytes(), type=Limits)


def load_facts(
    loaded: content.Content | None = None, formulary: Path | None = None, node: str = ""
) -> Facts:
    """Raises ContentError when any file must not be used."""
    loaded = loaded or content.load(formulary=formulary)
    limits = load_limits()
    return Facts(
        limits=limits,
        triage=TriageContent(
            protocol=loaded.protocol,
            levels=loaded.levels.dispatch,
            responses=loaded.levels.responses,
        ),
        scores=ScoreTables(
            news2=loaded.news2,
            mews=loaded.mews,
            gcs=loaded.gcs,
            triage=loaded.triage,
            fresh_s=limits.vitals_fresh_s,
            valid_s=limits.valid_s,
            beyond={one.sign: one for one in loaded.vitals.beyond},
            misleads=loaded.vitals.misleads,
        ),
        care=CareContent(
            form=loaded.record,
            formulary=loaded.formulary,
            sheets=loaded.sheets,
            scores=loaded.scores,
            ecg=loaded.ecg,
            rhythm=loaded.rhythm,
            vitals=loaded.vitals,
            portrait=loaded.portrait,
        ),
        shift_check=loaded.shift_check,
        node=node,
    )
