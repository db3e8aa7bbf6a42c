"""A report as a PDF of A4 pages: headings that a reader's program lists, tables, page numbers.

Drawn from plain values in one language. The annex holds every definition and denominator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from lims.foundation.measures import MM
from lims.foundation.paper import PLAIN, know_typefaces
from lims.foundation.words import Message, _, say
from lims.overview import report_paper
from lims.overview.report_paper import BAR_WIDTH, MARGIN, PAGE, WIDE

MOST_PARTS = 16
"""Parts of a split that are drawn; longer ones stand in the data."""


def report_pdf(report: Any) -> bytes:
    """Return the report as a PDF; the same values give the same bytes."""
    from reportlab.platypus import SimpleDocTemplate

    know_typefaces()
    buffer = BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=PAGE,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{report.title}, {report.subtitle}",
        author=report.subtitle,
        lang=report.language,
        displayDocTitle=True,
        invariant=1,
        initialFontName=PLAIN,
    )
    _Sheet(report).build(document)
    return buffer.getvalue()


class _Sheet:
    """The flow of a report, in the order in which it is read."""

    def __init__(self, report: Any) -> None:
        self.report, self.language = report, report.language
        self.styles = report_paper.styles()
        self.marks = 0

    def build(self, document: Any) -> None:
        document.build(list(self.flow()), canvasmaker=report_paper.numbered(self.report))

    def flow(self) -> Iterator[Any]:
        yield from self.head()
        if self.report.changes:
            yield self.heading(_("What this edition changes"), 1)
            yield from self.paragraphs(self.report.changes)
        if self.report.commentary:
            yield self.heading(_("Commentary of the coordination"), 1)
            yield from self.paragraphs(self.report.commentary)
        for section in self.report.sections:
            yield from self.section(section)
        yield from self.alerts()
        yield from self.products()
        yield self.heading(_("Remarks"), 1)
        for words in self.report.remarks:
            yield self.text(words)
        yield from self.annex()

    def head(self) -> Iterator[Any]:
        yield self.text(self.report.subtitle, "quiet")
        yield self.heading(self.report.title, 0)
        for words in self.report.marks:
            yield self.text(words, "quiet")

    def heading(self, words: Message | str, level: int) -> Any:
        """Return a heading that stands in the outline of the document."""
        told = words if isinstance(words, str) else say(words, self.language)
        self.marks += 1
        anchor = f"h{self.marks}"
        return report_paper.heading(told, anchor, level, self.styles[f"h{level}"])

    def text(self, words: str, style: str = "body") -> Any:
        return report_paper.paragraph(words, self.styles[style])

    def paragraphs(self, words: str) -> Iterator[Any]:
        for part in words.replace("\r\n", "\n").split("\n\n"):
            if part.strip():
                yield self.text(part.strip())

    def section(self, section: Mapping[str, Any]) -> Iterator[Any]:
        from reportlab.platypus import KeepTogether

        first = [self.heading(section["title"], 1)]
        for one in section["indicators"]:
            before = self.said(_("Period before: %(value)s", value=one["before"]))
            beside = "; ".join([*one["beside"], before])
            unit = f" ({one['counted_in']})" if one["counted_in"] else ""
            top = [self.heading(f"{one['title']}{unit}", 2), self.text(one["value"], "value")]
            yield KeepTogether([*first, *top, self.text(beside, "quiet")])
            first = []
            for split in one["splits"]:
                yield from self.split(split)

    def split(self, split: Mapping[str, Any]) -> Iterator[Any]:
        from reportlab.platypus import KeepTogether

        lines = split["lines"][:MOST_PARTS]
        parts = [self.text(split["title"], "part")]
        if lines:
            bars = {bar.value: bar for bar in split["chart"].bars} if split["chart"] else {}
            full = max((bar.width for bar in bars.values()), default=0) or 1
            rows = [
                [
                    self.text(one["label"], "cell"),
                    report_paper.bar(
                        bars[one["value"]].width / full if one["value"] in bars else 0
                    ),
                    self.text(one["value"], "number"),
                    self.text("; ".join(one["beside"]), "cell"),
                ]
                for one in lines
            ]
            parts.append(
                report_paper.table(rows, (52 * MM, BAR_WIDTH, 20 * MM, WIDE - 72 * MM - BAR_WIDTH))
            )
        if split["kept_back"]:
            words = _("Small numbers are kept back, so that nobody is pointed at.")
            parts.append(self.text(self.said(words), "quiet"))
        yield KeepTogether(parts)

    def alerts(self) -> Iterator[Any]:
        yield self.heading(_("Alerts of the period"), 1)
        if not self.report.alerts:
            yield self.text(self.said(_("No alert was published in this period.")))
            return
        names = (_("Day"), _("Alert"), _("Kind"), _("Level"), _("Headline for the public"))
        rows = [[self.text(self.said(one), "head") for one in names]]
        rows += [[self.text(cell, "cell") for cell in row] for row in self.report.alerts]
        yield report_paper.table(
            rows, (25 * MM, 23 * MM, 24 * MM, 26 * MM, WIDE - 98 * MM), head=True
        )

    def products(self) -> Iterator[Any]:
        from reportlab.platypus import KeepTogether

        yield self.heading(_("Substances found by declared product"), 1)
        for words in self.report.products_words:
            yield self.text(words)
        for one in self.report.products:
            title = self.said(_("Declared as %(name)s: n = %(n)s", name=one["label"], n=one["n"]))
            rows = [
                [self.text(label, "cell"), self.text(among, "cell"), self.text(share, "number")]
                for label, (among, share) in one["lines"]
            ]
            nothing = self.text(self.said(_("Nothing was found in these samples.")))
            table = (
                report_paper.table(rows, (80 * MM, 50 * MM, WIDE - 130 * MM)) if rows else nothing
            )
            yield KeepTogether([self.heading(title, 2), table])

    def annex(self) -> Iterator[Any]:
        from reportlab.platypus import KeepTogether, PageBreak

        yield PageBreak()
        yield self.heading(_("Annex: what each indicator counts"), 1)
        names = (
            ("counts", _("What is counted")),
            ("among", _("Among what")),
            ("unit", _("Unit")),
            ("cannot_say", _("What it cannot say")),
        )
        for section in self.report.sections:
            source = section["indicators"][0]["source"] if section["indicators"] else ""
            yield KeepTogether([self.heading(section["title"], 2), self.text(source, "quiet")])
            for one in section["indicators"]:
                facts = [
                    f"<b>{escape(self.said(words))}:</b> {escape(one[key])}"
                    for key, words in names
                    if one[key]
                ]
                lines = [report_paper.marked_up("<br/>".join(facts), self.styles["body"])]
                yield KeepTogether([self.text(one["title"], "part"), *lines])

    def said(self, words: Message) -> str:
        return say(words, self.language)
