"""A run sheet as PDF, A4 across, by ReportLab.

Chinese stands in the font STSong-Light, which is named and not embedded: a font would make every
sheet larger than all that it says. The computer that prints it needs a Chinese font of its own.
"""

from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from reportlab.platypus.doctemplate import LayoutError

from goldenhour.views.run_sheet import Part, RunSheet

FONT: Final = "STSong-Light"
_MARGIN: Final = 10 * mm
_MOST: Final = 400
"""Characters of a cell."""
_CELL: Final = ParagraphStyle("cell", fontName=FONT, fontSize=8, leading=10)
_HEAD: Final = ParagraphStyle("head", fontName=FONT, fontSize=11, leading=16)
_GRID: Final = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.3, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.Color(0.9, 0.9, 0.9)),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
)


def to_pdf(sheet: RunSheet) -> bytes:
    """Raises ValueError where it cannot be set."""
    registerFont(UnicodeCIDFont(FONT))
    out = BytesIO()
    page = landscape(A4)
    document = SimpleDocTemplate(
        out,
        pagesize=page,
        title=sheet.title,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
    )
    story: list[Flowable] = [Paragraph(escape(sheet.title), _HEAD)]
    for part in sheet.parts:
        story += [Paragraph(escape(part.heading), _HEAD), _table(part, page[0] - 2 * _MARGIN)]
        story.append(Spacer(1, 3 * mm))
    try:
        document.build(story)
    except LayoutError as error:
        raise ValueError(f"does not fit on its page: {error}") from error
    return out.getvalue()


def _cut(text: str) -> str:
    """A row that is taller than a page is none."""
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def _table(part: Part, width: float) -> Table:
    """Columns as wide as what stands in them asks for, within the page."""
    lines = [[_cut(text) for text in line] for line in (part.columns, *part.rows)]
    asked = [max(len(line[n]) for line in lines) ** 0.7 for n in range(len(part.columns))]
    cells = [[Paragraph(escape(text), _CELL) for text in line] for line in lines]
    widths = [width * share / sum(asked) for share in asked]
    return Table(cells, colWidths=widths, repeatRows=1, style=_GRID)
