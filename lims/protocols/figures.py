"""Figures in a protocol document: a number, its unit, and the source that stands behind it.

No number stands alone: whoever reads one can ask where it comes from. Numbers that the network
chose itself say so in their source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any

from lims.foundation.errors import Problem
from lims.foundation.words import _

_FIGURE = frozenset({"value", "unit", "source"})


def figure_value(figure: Mapping[str, Any]) -> Decimal:
    """Return the value of a figure exactly as written."""
    return Decimal(str(figure["value"]))


def figure_problems(path: str, value: Any, sources: frozenset[str]) -> Iterator[Problem]:
    """Find, anywhere in the document, numbers that stand without unit and source."""
    if isinstance(value, Mapping):
        if "value" in value:
            yield from _one_figure_problems(path, value, sources)
            return
        for key, item in value.items():
            if not (path == "" and key == "version"):
                yield from figure_problems(f"{path}.{key}".lstrip("."), item, sources)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            name = item.get("id", place) if isinstance(item, Mapping) else place
            yield from figure_problems(f"{path}.{name}", item, sources)
    elif value is not None and not isinstance(value, (str, bool)):
        yield Problem(path, _("This figure has no source."))


def _one_figure_problems(
    path: str, figure: Mapping[str, Any], sources: frozenset[str]
) -> Iterator[Problem]:
    if not is_figure(figure):
        yield Problem(path, _("A figure has a number, a unit and a source, and nothing else."))
    if not figure.get("source"):
        yield Problem(path, _("This figure has no source."))
    elif str(figure["source"]) not in sources:
        yield Problem(path, _("The source “%(source)s” is not listed.", source=figure["source"]))


def plate_problems(acceptance: Any) -> list[Problem]:
    """Check what only plates have: references with windows, the blank, the range of the front."""
    plate = mapping(mapping(acceptance).get("plate"))
    problems = []
    if not listed(plate.get("references")):
        problems.append(("references", _("A plate needs references.")))
    for item in listed(plate.get("references")):
        if not (is_figure(item.get("tabulated")) and is_figure(item.get("window"))):
            words = _("A reference has a tabulated hRf and a window, each with its source.")
            problems.append((f"references.{item.get('id')}", words))
    if not isinstance(plate.get("blank_required"), bool):
        problems.append(("blank_required", _("Say whether a blank lane is required.")))
    shortest, longest = mapping(plate.get("shortest_front")), mapping(plate.get("longest_front"))
    stated = is_figure(shortest) and is_figure(longest)
    if not stated or figure_value(shortest) >= figure_value(longest):
        words = _("The allowed distance of the front goes from a shorter to a longer one.")
        problems.append(("shortest_front", words))
    return [Problem(f"acceptance.plate.{where}", words) for where, words in problems]


def is_figure(value: Any) -> bool:
    """Tell whether a value is a number with its unit and source, and nothing else."""
    if not isinstance(value, Mapping) or set(value) != _FIGURE:
        return False
    number = value["value"]
    return isinstance(number, (int, float)) and type(number) is not bool and isfinite(number)


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> Sequence[Mapping[str, Any]]:
    """Return the mappings of a list, an empty one for anything else in it."""
    return [mapping(item) for item in value] if isinstance(value, list) else []


def ids(sources: Any) -> frozenset[str]:
    """Return the names of the sources that are spelled out."""
    return frozenset(
        str(name) for name, text in mapping(sources).items() if isinstance(text, str) and text
    )
