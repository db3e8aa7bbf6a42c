"""What each indicator of the counted network must be: value, among how many, missing."""

from __future__ import annotations

BY_HAND: dict[str, tuple[float, int, int]] = {
    "points": (2, 2, 0),  # counter, festival; the idle one had no visit
    "point-kinds": (2, 2, 0),  # exchange counter, event
    "point-diversity": (2.0, 2, 0),  # one of each
    "forms": (2, 2, 0),  # tablet: 3 (tablet, other, early); powder: 2 (unknown, mystery)
    "declared": (1, 1, 2),  # mdma; "unknown" and "mystery" are no kind
    "product-diversity": (1.0, 3, 0),  # mdma alone, three times
    "visits": (6, 6, 0),
    "first-visits": (3 / 5, 5, 1),  # yes: 1, 4, 5; no: 2, 6; no answer: 3
    "age-bands": (4, 4, 2),  # 1, 2, 4, 6; "no answer" and empty are missing
    "service-types": (36 / 20, 6, 0),  # 4 and 2 visits: 6² / (4² + 2²)
    "talks": (4 / 5, 5, 0),  # the early one was never talked about
    "time-to-talk": (2.5, 4, 0),  # 0, 2, 3, 5 days
    "talk-minutes": (15, 4, 1),  # 5, 10, 20, 30; one without
    "intention": (2 / 3, 3, 2),  # as planned, not take, undecided; two without
    "intention-match": (1, 1, 0),  # tablet
    "intention-mismatch": (1, 1, 1),  # other; mystery was not asked
    "risk-lowering": (1 / 3, 3, 2),  # not take
    "referrals": (1 / 5, 5, 0),
    "material": (1 / 5, 5, 0),
    "encodings": (5, 5, 0),  # the second version of "tablet" does not count again
    "handed-in": (6, 6, 0),  # tablet, left, other, unknown, mystery, waits
    "not-analysed": (1 / 6, 6, 0),
    "partner-results": (2, 2, 0),
    "protocols": (1, 1, 0),  # plates, version 2
    "guidelines": (1, 1, 0),
    "adherence": (3 / 4, 4, 0),
    "deviations": (1 / 4, 4, 0),
    "trained": (2 / 4, 4, 0),  # chemist, other chemist; not the one whose training ended
    "trainings": (2 / 3, 3, 0),
    "alerts": (2, 2, 0),
    "alert-messages": (3, 3, 0),
    "alerts-from-points": (1 / 2, 2, 0),
    "time-to-result": (5.5, 4, 1),  # 2, 4, 7, 14 days; the early one by its week alone
    "weeks-to-result": (1, 5, 0),  # 0, 1, 1, 2, 10 weeks
    "finding-to-alert": (24, 1, 1),
    "meetings": (2, 2, 0),
    "coverage": (4 / 5, 5, 0),  # two of three points, both laboratories
    "feedback": (1, 1, 0),  # both points are of one service; its report of last year does not count
    "network-reports": (1, 1, 0),
}
