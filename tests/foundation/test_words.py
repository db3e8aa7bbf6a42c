from __future__ import annotations

from lims.foundation.words import _, say


def test_sentences_follow_each_other_and_words_are_parted_by_commas() -> None:
    found = _("%(what)s", what=[_("One is found."), _("Two is found.")])
    listed = _("%(what)s", what=["one", "two"])
    assert say(found, "en") == "One is found. Two is found."
    assert say(listed, "en") == "one, two"
