"""Criteria of another network for sending a sample to a second laboratory, held against a sample.

They come from `reference_data/confirmation_rules.csv`, with jurisdiction and source, and are shown
as context: no finding waits for them. A low score and a random draw are not computed here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lims.foundation.words import Message, _

MANY = 4
LIQUIDS = frozenset({"liquid", "vape-liquid"})
PLANTS = frozenset({"plant"})
OPIOID, BENZODIAZEPINE = "opioid", "benzodiazepine"
WORDS: Mapping[str, Message] = {
    "confirm-01": _("a strip is positive and infrared shows nothing of its group"),
    "confirm-02": _("an opioid was expected and none was found"),
    "confirm-04": _("four or more components"),
    "confirm-05": _("a substance is seen for the first time"),
    "confirm-06": _("a liquid"),
    "confirm-07": _("a tablet"),
    "confirm-08": _("a benzodiazepine"),
    "confirm-09": _("plant material"),
}
"""Criteria that are computed, by their identifier in the table."""


@dataclass(frozen=True)
class Facts:
    """What the criteria look at."""

    form: str
    #: chemical classes of what was found
    classes: Collection[str] = ()
    components: int = 0
    #: chemical class of what it was sold as
    expected: str = ""
    #: a substance that no other sample of the network held
    seen_first: bool = False
    #: groups that a strip found
    strip_groups: Collection[str] = ()
    #: groups of what infrared names; None without an infrared run that says anything
    infrared_groups: Collection[str] | None = None
    #: whether any run says anything of substances
    answered: bool = False


def met(facts: Facts) -> list[str]:
    """Return the identifiers of the criteria that a sample meets, in the order of the table."""
    missed = facts.infrared_groups is not None and any(
        group not in facts.infrared_groups for group in facts.strip_groups
    )
    no_opioid = not any(one.startswith(OPIOID) for one in facts.classes)
    holds = {
        "confirm-01": missed,
        "confirm-02": facts.answered and facts.expected.startswith(OPIOID) and no_opioid,
        "confirm-04": facts.components >= MANY,
        "confirm-05": facts.seen_first,
        "confirm-06": facts.form in LIQUIDS,
        "confirm-07": facts.form == "tablet",
        "confirm-08": BENZODIAZEPINE in facts.classes,
        "confirm-09": facts.form in PLANTS,
    }
    return [rule for rule, is_met in holds.items() if is_met]
