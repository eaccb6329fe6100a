"""Paper, and the folder that it is printed from."""

from goldenhour.adapters.paper.pdf import to_pdf
from goldenhour.adapters.paper.spool import LATEST, Spool

__all__ = ["LATEST", "Spool", "to_pdf"]
