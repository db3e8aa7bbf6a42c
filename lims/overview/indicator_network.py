"""What the coordination itself did: meetings with focal points, and the network's reports."""

from __future__ import annotations

from sqlalchemy import func, select

from lims.overview.indicator_figures import Indicator, count
from lims.overview.indicator_ground import Ground, named, said, split, summed
from lims.overview.meeting_rules import PARTNER_WORDS, TOPIC_WORDS
from lims.overview.report_records import FocalMeeting, NetworkReport


def of_meetings(ground: Ground) -> Indicator:
    """Return the meetings that were written down, by partner and by topic."""
    facts = (FocalMeeting.partner, FocalMeeting.topic)
    rows = ground.session.execute(
        select(*facts, func.count())
        .where(
            FocalMeeting.day.between(ground.period.first, ground.period.last),
            FocalMeeting.withdrawn_at.is_(None),
        )
        .group_by(*facts)
    ).all()
    partners = summed((partner, n) for partner, _topic, n in rows)
    topics = summed((topic, n) for _partner, topic, n in rows)
    partner_words = {str(key): said(words) for key, words in PARTNER_WORDS.items()}
    topic_words = {str(key): said(words) for key, words in TOPIC_WORDS.items()}
    splits = (
        split("partner", {key: count(n) for key, n in partners.items()}, partner_words),
        split("topic", {key: count(n) for key, n in topics.items()}, topic_words),
    )
    return Indicator("meetings", count(sum(partners.values())), splits)


def of_reports(ground: Ground) -> Indicator:
    """Return the reports approved in the period, first editions alone."""
    periods = ground.session.scalars(
        select(NetworkReport.period)
        .where(
            NetworkReport.edition == 1,
            NetworkReport.approved_at >= ground.period.begins,
            NetworkReport.approved_at < ground.period.ends,
        )
        .order_by(NetworkReport.period)
    ).all()
    lines = split(
        "report", {key: count(1) for key in periods}, {key: named(key) for key in periods}
    )
    return Indicator("network-reports", count(len(periods)), (lines,))
