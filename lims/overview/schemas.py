"""From what the overview reads to JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.browser import language, session
from lims.foundation.words import kept, say
from lims.overview import lives, ordering, rules
from lims.overview.triage import Group

MOVED = {Group.FORWARD: "forward", Group.BY_RULE: "", Group.BACK: "back"}


class PageSchema(ma.Schema):
    """Which page of a list."""

    page = fields.Integer(load_default=1, validate=ma.validate.Range(min=1, max=100_000))


class WaitingSchema(ma.Schema):
    """A kind of work and how many records wait for it."""

    what = fields.Function(lambda row: say(row[0].words, language()))
    permission = fields.Function(lambda row: str(row[0].permission))
    count = fields.Function(lambda row: row[1])


class SampleInShortSchema(ma.Schema):
    """A sample in a list."""

    id = fields.UUID()
    code = fields.String()
    state = fields.String()
    form = fields.String()
    sold_as = fields.String()


class RunInShortSchema(ma.Schema):
    """A run in a list."""

    id = fields.UUID()
    number = fields.String()
    technique = fields.String()
    state = fields.String()


class TaskSchema(ma.Schema):
    """A sample that waits at a laboratory."""

    sample = fields.Nested(SampleInShortSchema)
    moved = fields.Function(lambda task: MOVED[task.place.group], metadata={"type": "string"})
    because = fields.Function(
        lambda task: say(ordering.because(session(), task.place, language()), language()),
        metadata={"type": "string"},
    )
    arrived = fields.AwareDateTime()
    runs = fields.List(fields.Nested(RunInShortSchema))
    missing = fields.Function(lambda task: [say(words, language()) for words in task.missing])


class TasksSchema(ma.Schema):
    """One page of the work list."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(TaskSchema))


class CheckSchema(ma.Schema):
    """A run or finding that waits for a second person."""

    kind = fields.String()
    id = fields.UUID()
    number = fields.String()
    by = fields.String()
    own = fields.Boolean()
    since = fields.AwareDateTime()
    site = fields.String()
    samples = fields.List(fields.Nested(SampleInShortSchema), attribute="about")


class ChecksSchema(ma.Schema):
    """One page of what waits for a second person."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(CheckSchema))


class ActSchema(ma.Schema):
    """One act of the journal, in words."""

    seq = fields.Integer()
    at = fields.String()
    actor = fields.String()
    act = fields.String()
    what = fields.String()
    detail = fields.String()


class LifeSchema(ma.Schema):
    """The whole life of a sample."""

    sample = fields.Nested(SampleInShortSchema)
    acts = fields.Function(lambda life: lives.told(life, language()))
    parcels = fields.Function(lambda life: [one.number for one in life.parcels])
    runs = fields.List(fields.Nested(RunInShortSchema))
    findings = fields.Function(
        lambda life: [{"version": one.version, "state": one.state} for one in life.findings]
    )
    product = fields.Function(lambda life: life.product.number if life.product else None)
    signals = fields.Function(lambda life: [one.number for one in life.signals])
    alerts = fields.Function(lambda life: [one.number for one in life.alerts])
    balance_mg = fields.Function(lambda life: str(life.balance))


def _times(row: Any) -> dict[str, float] | None:
    found: rules.Spread | None = row.spread
    if found is None:
        return None
    names = ("least", "quarter", "median", "three_quarters", "most")
    return {name: round(getattr(found, name), 3) for name in names}


class TimesSchema(ma.Schema):
    """How long one interval takes at one place, in days."""

    interval = fields.Function(lambda row: str(row.interval))
    kind = fields.String()
    place = fields.String()
    n = fields.Function(lambda row: row.spread.n if row.spread else 0)
    days = fields.Function(_times)
    waiting = fields.Integer()


class JournalSchema(ma.Schema):
    """One page of the journal."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(ActSchema))


class ProofSchema(ma.Schema):
    """What the verification of the chain found."""

    whole = fields.Boolean(attribute="is_whole")
    entries = fields.Integer()
    head = fields.String()
    first_bad = fields.Integer(allow_none=True)
    reason = fields.String()


class JobSchema(ma.Schema):
    """A piece of long work: waiting, running, done, failed, stopped."""

    id = fields.UUID()
    kind = fields.String()
    subject_id = fields.UUID(allow_none=True)
    state = fields.String()
    done = fields.Integer()
    total = fields.Integer()
    by = fields.String()
    created_at = fields.DateTime()
    ended_at = fields.DateTime(allow_none=True)
    why = fields.Function(
        lambda job: str(kept(job.error)) if job.error else "", metadata={"type": "string"}
    )


class JobsSchema(ma.Schema):
    """Part of the list of long work."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(JobSchema))
