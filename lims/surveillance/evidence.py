"""What a computed signal rests on, its hash, and computing it again from what was kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from lims.surveillance import effects, first_seen, looks, methods
from lims.surveillance.detectors import DETECTORS
from lims.surveillance.rules import data_hash

Computes = Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


class Sameness(StrEnum):
    """What came of computing a signal again."""

    SAME = "same"
    DIFFERENT = "different"
    CHANGED_INPUTS = "changed inputs"
    OTHER_VERSION = "other version"


def hash_of(
    algorithm: str, version: int, parameters: Mapping[str, Any], inputs: Mapping[str, Any]
) -> str:
    """Return the SHA-256 of algorithm, version, parameters and inputs, keys in order."""
    return data_hash(
        {
            "algorithm": algorithm,
            "version": version,
            "parameters": dict(parameters),
            "inputs": dict(inputs),
        }
    )


def first_seen_again(inputs: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Compute a first sighting again."""
    sighting = first_seen.sighting_of(inputs)
    return {"answer": str(first_seen.judge(sighting, first_seen.Parameters(**parameters)))}


NOTICES: Mapping[str, tuple[int, Computes]] = {
    first_seen.ALGORITHM: (first_seen.VERSION, first_seen_again),
    looks.ALGORITHM: (looks.VERSION, looks.computed),
    effects.ALGORITHM: (effects.VERSION, effects.computed),
}


def version_of(algorithm: str) -> int:
    """Return the version of an algorithm in this program; 0 when it has none."""
    if algorithm in NOTICES:
        return NOTICES[algorithm][0]
    method = methods.BY_KEY.get(algorithm)
    return DETECTORS[method.detector].version if method and methods.offered(method) else 0


def compute(
    algorithm: str, parameters: Mapping[str, Any], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what an algorithm says of inputs, as it is kept."""
    if algorithm in NOTICES:
        return NOTICES[algorithm][1](inputs, parameters)
    return methods.computed(algorithm, parameters, inputs)


def compare(
    *,
    algorithm: str,
    version: int,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Any],
    outcome: Mapping[str, Any],
    kept_hash: str,
) -> Sameness:
    """Compute a signal again and say whether all is as it was kept, to the last digit."""
    if hash_of(algorithm, version, parameters, inputs) != kept_hash:
        return Sameness.CHANGED_INPUTS
    if version_of(algorithm) != version:
        return Sameness.OTHER_VERSION
    same = compute(algorithm, parameters, inputs) == dict(outcome)
    return Sameness.SAME if same else Sameness.DIFFERENT
