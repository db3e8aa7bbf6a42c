"""The page of the documentation that explains every indicator, from the file that defines them."""

from __future__ import annotations

from collections.abc import Iterator

from lims.foundation.shares import SMALLEST_TOLD as LEAST
from lims.overview.indicator_definitions import Definition, definitions
from scripts import write_tables

HEAD = f"""# Indicators

The plan's own indicators as this program counts them. The definitions stand in one file,
`reference_data/indicators.yaml`, in three languages; the page `/indicators`, its files, the API
(`GET /api/overview/indicators`), `lims indicators` and the annex of every report show them beside
the numbers. This page is written from it by `make docs`.

## How to read them

- **Period.** Whole ISO weeks: `2026-1` is weeks 1 to 26 of 2026, `2026-2` the rest, `2026` the
  year; two days give the weeks that hold them. After 90 days a visit is known by its week alone,
  and a border between weeks keeps every number as it was.
- **Share.** Numerator, denominator and the 95 % score interval of Wilson (1927). Where every case
  that exists was counted (sites, trainings), there is none.
- **Times.** Median and quartiles (Hyndman and Fan, type 7), with n. Days are counted where the day
  is still known; what is known by its week alone is counted beside it as missing.
- **Diversity.** How many kinds there would be if all were equally frequent: 1 / (sum of p²),
  Simpson (1949), the number of order 2 of Hill (1973).
- **No data** is not nought: there was nothing to count in. **Not measured yet**: no part of the
  program records it. **Kept back**: a small number about people.
- **Small numbers.** About visitors, a whole below {LEAST} is not split, and no part shows 1 to
  {LEAST - 1} people with or without a trait; as many neighbours are kept back with it as make
  what is missing from the whole no small number either. A published report does the same for
  samples, and has no places; beside the reports that everybody has read of the same time, it tells
  nothing that would leave 1 to {LEAST - 1} by subtraction.
- **Scope.** A reader with duties at some sites counts those; what is marked *network* is the same
  for every reader.
"""


def indicators() -> str:
    """Describe every indicator: what is counted among what, and what it cannot say."""
    told = definitions()
    count = len(told.indicators)
    lines = [HEAD, f"Version of the definitions: {told.version}. Indicators: {count}.", ""]
    for section in told.sections:
        lines += [f"## {section.title['en']}", ""]
        for one in told.within(section):
            lines += [*_described(one), ""]
    return write_tables.joined(lines)


def _described(one: Definition) -> Iterator[str]:
    yield f"### {one.title['en']}"
    yield ""
    yield f"`{one.key}`, {one.kind}, in {one.unit['en']}; about {one.about}; " + (
        "network" if one.whole_network else "own sites"
    )
    yield ""
    yield f"- What is counted: {one.counts['en']}"
    if one.among:
        yield f"- Among what: {one.among['en']}"
    yield f"- What it cannot say: {one.cannot['en']}"
