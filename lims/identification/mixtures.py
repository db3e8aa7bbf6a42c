"""What a mixture is made of, from one infrared, Raman or ultraviolet curve and a library.

The curve is explained by references in non-negative amounts and a slow baseline; what is left
over is shown and searched, never hidden. Amounts are parts of a spectrum: semi-quantitative
unless known mixtures were measured the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from lims.foundation.errors import refuse_field
from lims.foundation.words import Message, _
from lims.identification.band_search import BandIndex
from lims.identification.mixture_fitting import (
    REACHED_BY,
    WORTH_WHITENING,
    Parameters,
    Scene,
    credible,
    degree_of,
    fitted,
    scene_of,
    shift_of,
)
from lims.identification.residuals import structure
from lims.identification.unmixing import Fit, Pool
from lims.spectra import shaping, signal
from lims.spectra.spectrum import Floats, Kind, Spectrum

__all__ = ["Component", "Mixture", "Parameters", "Rivals", "resolve"]

ALGORITHM_VERSION = "mixture-1"

# Baseline and axis are settled in so many rounds at most.
MOST_ROUNDS = 3


@dataclass(frozen=True)
class Component:
    """One reference in the mixture; `error` is the standard error of the fraction (0 to 1)."""

    id: int
    fraction: float
    error: float


@dataclass(frozen=True)
class Rivals:
    """A reference of the mixture and another that would explain the curve as well."""

    id: int
    other: int


@dataclass(frozen=True, eq=False)
class Mixture:
    """The components, the strongest first, and what is left over.

    All curves stand on `x`, the points that were used; measured = fitted + baseline + residual.
    `unexplained` is the part of the signal (root mean square, above the noise) that no component
    explains. `shift` was added to the query's axis.
    """

    kind: Kind
    components: tuple[Component, ...]
    x: Floats
    measured: Floats
    fitted: Floats
    baseline: Floats
    residual: Floats
    rmse: float
    unexplained: float
    shift: float
    rivals: tuple[Rivals, ...]
    #: The strongest bands of what is left over; empty when that is noise.
    remainder: tuple[shaping.Band, ...]
    words: tuple[Message, ...]
    parameters: Parameters

    def left_over(self) -> Spectrum:
        """Return what no component explains as a spectrum that can be searched."""
        return Spectrum(
            self.kind, self.x, self.residual, signal.GRIDS[self.kind].unit, "arbitrary", False
        )

    def as_document(self) -> dict[str, Any]:
        """Return the result without its curves, as plain values that JSON can hold."""
        return {
            "algorithm": ALGORITHM_VERSION,
            "components": [asdict(one) for one in self.components],
            "rmse": self.rmse,
            "unexplained": self.unexplained,
            "shift": self.shift,
            "rivals": [asdict(one) for one in self.rivals],
            "remainder": [asdict(one) for one in self.remainder],
            "parameters": {
                **asdict(self.parameters),
                "signal": signal.ALGORITHM_VERSION,
                "reached_by": REACHED_BY,
                "worth_whitening": WORTH_WHITENING,
            },
        }


def resolve(
    query: Spectrum,
    index: BandIndex,
    among: Sequence[int] | None = None,
    fixed: bool = False,
    parameters: Parameters | None = None,
) -> Mixture:
    """Return what a curve is made of, of the references of an index (or `among` these ids).

    `fixed`: the ids `among` are all in the mixture, and only their amounts are asked. Raises
    Invalid when the curve cannot be compared or no reference reaches what it covers.
    """
    chosen = parameters or Parameters()
    curve = signal.prepare(query)
    if curve.grid.kind is not index.kind:
        raise refuse_field(signal.FIELD, _("It was measured by another technique."))
    scene, shift = scene_of(curve, index, among, chosen), 0.0
    fit, problem, correlation = fitted(scene, fixed)
    for _round in range(MOST_ROUNDS):
        degree = degree_of(scene, fit)
        more = shift_of(replace(scene, degree=degree, known=scene.proposed), fit, correlation)
        if not more and degree == scene.degree:
            break
        if more:
            shift = round(shift + more, 3)
            moved = signal.prepare(query, shift)
            scene = scene_of(moved, index, among, chosen, degree)
        else:
            scene = replace(scene, degree=degree, known=scene.proposed)
        fit, problem, correlation = fitted(scene, fixed)
    if not fixed:
        fit = credible(scene, problem, fit)
    return _mixture(scene, fit, problem, shift)


def _mixture(scene: Scene, fit: Fit, problem: Pool, shift: float) -> Mixture:
    components, slow = scene.explained(fit)
    residual = scene.y - components - slow
    unexplained = _unexplained(scene, residual, slow)
    remainder: tuple[shaping.Band, ...] = ()
    if unexplained > scene.parameters.unexplained:
        remainder = _bands(scene, residual)
    parts = _components(scene, fit)
    rivals = tuple(Rivals(*scene.ids(pair)) for pair in (problem.rivals(fit) if fit.chosen else []))
    return Mixture(
        kind=scene.index.kind,
        components=parts,
        x=scene.x,
        measured=scene.y,
        fitted=components,
        baseline=slow,
        residual=residual,
        rmse=float(np.sqrt(np.mean(residual**2))),
        unexplained=unexplained,
        shift=shift,
        rivals=rivals,
        remainder=remainder,
        words=_words(scene, parts, unexplained, remainder, shift),
        parameters=scene.parameters,
    )


def _components(scene: Scene, fit: Fit) -> tuple[Component, ...]:
    weights = scene.weights[list(fit.chosen)]
    parts = fit.amounts * weights
    total = float(parts.sum())
    if total <= 0:
        return ()
    fractions = parts / total
    # Error of a part of a sum: the amounts' covariance through d(part / sum).
    turn = (np.eye(parts.size) - np.outer(fractions, np.ones(parts.size))) / total * weights
    errors = np.sqrt(np.maximum(np.diag(turn @ fit.covariance @ turn.T), 0.0))
    found = [
        Component(key, float(fraction), float(error))
        for key, fraction, error in zip(scene.ids(fit.chosen), fractions, errors, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.fraction, one.id)))


def _unexplained(scene: Scene, residual: Floats, slow: Floats) -> float:
    signals, left = scene.y - slow, structure(residual)
    whole = max(float(np.mean((signals - signals.mean()) ** 2)), 1e-300)
    return float(min(1.0, np.sqrt(left / whole)))


def _bands(scene: Scene, residual: Floats) -> tuple[shaping.Band, ...]:
    return shaping.strongest_bands(_on_grid(scene, residual), scene.used, scene.curve.grid)


def _on_grid(scene: Scene, values: Floats) -> Floats:
    made = np.full(scene.used.shape, np.nan)
    made[scene.used] = values
    return made


def _words(
    scene: Scene,
    components: tuple[Component, ...],
    unexplained: float,
    remainder: tuple[shaping.Band, ...],
    shift: float,
) -> tuple[Message, ...]:
    grid, parameters = scene.curve.grid, scene.parameters
    words = [*scene.curve.notes, *_words_on(components, parameters)]
    if shift:
        moved = f"{shift:+g}"
        words.append(
            _("The axis was moved by %(shift)s %(unit)s to fit.", shift=moved, unit=grid.unit)
        )
    if components and unexplained > parameters.unexplained:
        words.append(
            _(
                "About %(share)s %% of the signal is not explained by these components;"
                " fractions are parts of what is explained.",
                share=round(unexplained * 100),
            )
        )
    if remainder:
        places, unit = ", ".join(f"{band.position:g}" for band in remainder), grid.unit
        left = _(
            "Strongest bands of what is left over: %(places)s %(unit)s.", places=places, unit=unit
        )
        words.append(left)
    return (*words, NEGATIVE[grid.kind])


def _words_on(components: tuple[Component, ...], parameters: Parameters) -> list[Message]:
    if not components:
        return [_("No reference of this library explains the spectrum.")]
    words = [
        _("Fractions of a spectrum are semi-quantitative unless known mixtures calibrate them.")
    ]
    if len(components) >= parameters.most_components:
        words.append(_("More components than this are not sought: %(n)s.", n=len(components)))
    return words


NEGATIVE = {
    Kind.IR: _("Not detected above about 5–10 %: potent substances can be below."),
    Kind.RAMAN: _("A substance in a small share can be below what this shows."),
    Kind.UV: _("An ultraviolet spectrum alone never identifies: many substances share one shape."),
}
