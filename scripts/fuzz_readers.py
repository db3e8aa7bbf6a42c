"""Throw damaged files at the readers of spectra until something gives way.

    python -m scripts.fuzz_readers [--seconds 60]

Every file of `tests/spectra/files.py` is damaged at random and read. Where `atheris` is installed
(it is no dependency) `--atheris` lets it choose the damage by the code that it reaches. A reader
may give spectra or refuse in one sentence; anything else ends the run and keeps the file.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lims.foundation.errors import Invalid
from lims.spectra.reading import each, read

UNFORESEEN = "no reader foresees"
LONGEST = 5.0


def look(data: bytes, name: str) -> Iterator[str]:
    """Read a file whole and record by record; give every refusal that was said."""
    try:
        for one in read(data, name):
            assert one.x.size == one.y.size > 0, "an empty spectrum"
            assert one.x.dtype == one.y.dtype == float, "no float64"
    except Invalid as refusal:
        (problem,) = refusal.problems
        yield str(problem.message)
    try:
        for record in each(io.BytesIO(data), name):
            if record.refusal is not None:
                yield str(record.refusal)
    except Invalid as refusal:
        (problem,) = refusal.problems
        yield str(problem.message)


def mutated(data: bytes, seed: int, times: int) -> bytes:
    """Return a file with bytes changed, left out, doubled, moved, or made extreme."""
    chance = random.Random(seed)
    found = bytearray(data)
    for _time in range(times):
        at = chance.randrange(len(found) + 1)
        size = min(chance.choice((1, 1, 2, 4, 4, 8, 40)), len(found) - at)
        part = bytes(found[at : at + size])
        acts = (
            bytes(chance.randrange(256) for _byte in part),
            b"",
            part * 2,
            chance.choice((b"\xff", b"\0", b"\x7f", b"9", b"-", b"nan", b"e")) * max(size, 1),
            chance.choice(
                (b"\n", b"=", b"##", b"\0\0\0\0", b"999999999", b"1e308", b"?", b"(", b"S9")
            ),
        )
        found[at : at + size] = chance.choice(acts)
    return bytes(found)


def _tried(data: bytes, name: str) -> None:
    started = time.perf_counter()
    unforeseen = any(UNFORESEEN in said for said in look(data, name))
    if unforeseen or time.perf_counter() - started > LONGEST:
        raise AssertionError("not foreseen, or too slow")


def _at_random(seconds: float, start: int) -> None:
    from tests.spectra.files import EVERY

    until, count = time.monotonic() + seconds, 0
    names = list(EVERY)
    while time.monotonic() < until:
        name = names[count % len(names)]
        data = mutated(EVERY[name], start + count, 1 + count % 15)
        try:
            _tried(data, name)
        except Exception:
            Path(f"broken-{name}").write_bytes(data)
            raise
        count += 1
    print(f"{count} damaged files: every one was read or refused in a sentence")


def _with_atheris(rest: list[str]) -> None:
    import atheris  # only here: it is no dependency

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *rest], lambda data: _tried(data, "upload"))
    atheris.Fuzz()


def main() -> None:
    """Run one of the two ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", action="store_true", help="further words go to atheris")
    known, rest = parser.parse_known_args()
    _with_atheris(rest) if known.atheris else _at_random(known.seconds, known.seed)


if __name__ == "__main__":
    main()
