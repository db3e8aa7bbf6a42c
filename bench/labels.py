"""Five hundred labels in one PDF, as for a festival; and that what is printed can be read."""

from __future__ import annotations

from importlib.util import find_spec

from bench.measures import NotMeasured, Outcome, median_of, seconds

LABELS = 500
MOST = 2.0
ROUNDS = 3
CODES, SEED = 100, 20261122
#: Papers and wears of the short measurement; `python -m bench.label_rates` does them all.
PAPERS = ("roll-62x29", "a4-3x8", "avery-l7651", "avery-l4732")
WORN = "poor camera, upright"


def measure() -> list[Outcome]:
    """Measure the drawing of 500 labels from plain values, and how many prints are read."""
    if find_spec("lims.intake") is None or find_spec("lims.intake.labels") is None:
        raise NotMeasured("there is no lims/intake/labels.py yet")
    from lims.foundation.codes import new_code
    from lims.intake.labels import Label, label_pdf
    from lims.intake.papers import papers

    labels = [Label(new_code(), ("tablet", "week 47"), True) for _number in range(LABELS)]
    paper = papers()["a4-3x8"]
    ours = median_of(lambda: seconds(lambda: label_pdf(labels, paper, "fr")), ROUNDS)
    drawn = Outcome(f"{LABELS} labels", "s", ours, None, f"under {MOST:g} s", ours < MOST)
    return [drawn, *_read()]


def _read() -> list[Outcome]:
    if find_spec("zxingcpp") is None or find_spec("pypdfium2") is None:
        return [Outcome("labels read", "%", None, reason="zxing-cpp and pypdfium2 are not there")]
    from bench.label_rates import rate
    from bench.prints import WEARS
    from lims.intake.label_design import usual
    from lims.intake.papers import papers

    found = []
    for name in PAPERS:
        paper = papers()[name]
        clean = rate("clean", paper, usual(paper), None, CODES, SEED)
        share = 100 * clean.right / clean.n
        found.append(
            Outcome(f"{name} read at 203 dpi", "%", share, None, "all", clean.right == clean.n)
        )
        worn = rate(WORN, paper, usual(paper), WEARS[WORN], CODES, SEED)
        share, none_wrong = 100 * worn.right / worn.n, worn.wrong == 0
        found.append(Outcome(f"{name} worn", "%", share, None, "none misread", none_wrong))
    return found
