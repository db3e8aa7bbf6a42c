"""The region in which a site lies: NUTS 1 and nothing finer, from the words of its page.

Names stand in reference_data/exchange/regions.yaml. A place that is not listed there counts as
the whole country rather than as a guess.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lims.exchange.sources.mapping import data_file, fold_words

COUNTRY = "BE"
REGIONS = ("BE1", "BE2", "BE3", COUNTRY)
_BETWEEN = re.compile(r"[/,;()]| - ")


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    names = data_file("regions.yaml")
    return {fold_words(name): code for code, listed in names.items() for name in listed}


@lru_cache(maxsize=1_000)
def region_of(area: str) -> str:
    """Return the code of the region that the words of a place name, or that of the country."""
    known = _known()
    parts = [area, *_BETWEEN.split(area)]
    found = {known[fold_words(part)] for part in parts if fold_words(part) in known}
    return found.pop() if len(found) == 1 else COUNTRY
