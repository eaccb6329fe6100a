"""Reading `run_sheet.toml`."""

from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from goldenhour import content
from goldenhour.content import ContentError
from goldenhour.domain.review.run_sheet import RunSheetContent

NAME = "run_sheet.toml"


def load_run_sheet(root: Traversable | None = None) -> RunSheetContent:
    """Raises ContentError when the file must not be used."""
    file = (root or files(content)) / NAME
    try:
        return msgspec.toml.decode(file.read_bytes(), type=RunSheetContent)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise ContentError(NAME, str(error)) from error
