"""Vehicle terminals of JT/T 808-2013 and -2019 over TCP."""

from goldenhour.adapters.jt808.adapter import Jt808Gateway, TextOutcome
from goldenhour.adapters.jt808.config import Jt808Config
from goldenhour.adapters.jt808.media_files import MediaFolder

__all__ = ["Jt808Config", "Jt808Gateway", "MediaFolder", "TextOutcome"]
