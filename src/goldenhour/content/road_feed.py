"""Reading `road_feed.toml`."""

from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from goldenhour import content
from goldenhour.content import ContentError
from goldenhour.domain.dispatch.road_feed import FeedRules

NAME = "road_feed.toml"


def load_road_feed(root: Traversable | None = None) -> FeedRules:
    """Raises ContentError when the file must not be used."""
    file = (root or files(content)) / NAME
    try:
        return msgspec.toml.decode(file.read_bytes(), type=FeedRules)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise ContentError(NAME, str(error)) from error
