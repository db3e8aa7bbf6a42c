"""Small files of every format, written from numbers. All of them are synthetic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.spectra.binary_files import HEIGHTS, MASSES, andi, mzml, old_spc, opus, spc

#: A curve that is nobody's: a ramp with two bumps, in whole numbers.
ORDINATES = [int(v) for v in 40 * np.exp(-(((np.arange(37) - 9) / 3) ** 2)) * 25 + np.arange(37)]
ORDINATES[20:26] = [500] * 6

_SQUEEZED = {"+": "@ABCDEFGHI", "-": "@abcdefghi"}
_DIFFERENT = {"+": "%JKLMNOPQR", "-": "%jklmnopqr"}
_REPEATED = " STUVWXYZs"


def _with(letters: dict[str, str], value: int) -> str:
    digits = str(abs(value))
    return letters["-" if value < 0 else "+"][int(digits[0])] + digits[1:]


def fixed(y: Sequence[int]) -> list[str]:
    """Write ordinates with blanks between them, each line after the number of its first."""
    return [f"{at} " + " ".join(str(v) for v in y[at : at + 8]) for at in range(0, len(y), 8)]


def packed(y: Sequence[int]) -> list[str]:
    """Write ordinates with their signs between them."""
    return [f"{at}" + "".join(f"{v:+d}" for v in y[at : at + 8]) for at in range(0, len(y), 8)]


def squeezed(y: Sequence[int]) -> list[str]:
    """Write ordinates with their first digit as a letter."""
    return [
        f"{at}" + "".join(_with(_SQUEEZED, v) for v in y[at : at + 8]) for at in range(0, len(y), 8)
    ]


def differences(y: Sequence[int]) -> list[str]:
    """Write differences with repeats; each line begins with the last ordinate of the one before."""
    lines, at = [], 0
    while at < len(y) - 1:
        part = y[at : at + 9]
        lines.append(f"{at}" + _with(_SQUEEZED, part[0]) + _repeats(np.diff(part).tolist()))
        at += len(part) - 1
    return [*lines, f"{len(y) - 1}" + _with(_SQUEEZED, y[-1])]


def _repeats(steps: list[int]) -> str:
    text, at = "", 0
    while at < len(steps):
        times = 1
        while at + times < len(steps) and steps[at + times] == steps[at] and times < 9:
            times += 1
        text += _with(_DIFFERENT, steps[at]) + (_REPEATED[times] if times > 1 else "")
        at += times
    return text


ENCODINGS = {
    "fixed": fixed,
    "packed": packed,
    "squeezed": squeezed,
    "differences": differences,
}


def jcamp(rows: Sequence[str], y: Sequence[int] = ORDINATES, **labels: object) -> bytes:
    """Write a JCAMP-DX curve whose x are its numbers from 0 on; labels replace the usual ones."""
    usual: dict[str, object] = {
        "TITLE": "synthetic",
        "JCAMPDX": "4.24 $$ a comment",
        "DATATYPE": "INFRARED SPECTRUM",
        "XUNITS": "1/CM",
        "YUNITS": "ABSORBANCE",
        "XFACTOR": 1,
        "YFACTOR": 0.01,
        "FIRSTX": 0,
        "LASTX": len(y) - 1,
        "FIRSTY": y[0] * 0.01,
        "NPOINTS": len(y),
    }
    head = [f"##{key}={value}" for key, value in {**usual, **labels}.items() if value is not None]
    return "\r\n".join([*head, "##XYDATA=(X++(Y..Y))", *rows, "##END=", ""]).encode()


def jcamp_peaks() -> bytes:
    """Write a JCAMP-DX peak table."""
    pairs = "\n".join(f"{m} {h}" for m, h in zip(MASSES, HEIGHTS, strict=True))
    return (
        "##TITLE=synthetic\n##JCAMP-DX=5.00\n##DATA TYPE=MASS SPECTRUM\n##XUNITS=M/Z\n"
        "##YUNITS=RELATIVE ABUNDANCE\n##CAS REGISTRY NO=0-00-0\n##NPOINTS=4\n"
        f"##PEAK TABLE=(XY..XY)\n{pairs}\n##END=\n"
    ).encode()


def n_tuples() -> bytes:
    """Write two pages of a JCAMP-DX series of mass spectra."""
    pages = "".join(
        f"##PAGE=T={z}\n##NPOINTS=2\n##DATA TABLE=(XY..XY), PEAKS\n41,{z};58,20\n" for z in (1, 2.5)
    )
    return (
        "##TITLE=synthetic run\n##JCAMP-DX=5.00\n##DATA TYPE=MASS SPECTRUM\n"
        "##NTUPLES=MASS SPECTRUM\n##VAR_NAME=MASS, INTENSITY, TIME\n##SYMBOL=X, Y, T\n"
        "##FACTOR=1, 2, 1\n##UNITS=M/Z, RELATIVE ABUNDANCE, SECONDS\n"
        f"{pages}##END NTUPLES=MASS SPECTRUM\n##END=\n"
    ).encode()


def linked() -> bytes:
    """Write a LINK block that holds a curve and a peak table."""
    inner = jcamp(fixed(ORDINATES)) + jcamp_peaks()
    return b"##TITLE=both\n##DATA TYPE=LINK\n##BLOCKS=2\n" + inner + b"##END=\n"


def msp(names: Sequence[str] = ("synthetic",)) -> bytes:
    """Write records of an MSP library."""
    peaks = "\n".join(f'{m} {h} "a note"' for m, h in zip(MASSES, HEIGHTS, strict=True))
    return "\n\n".join(
        f"Name: {one}\nSynon: other name\nInChIKey: AAAAAAAAAAAAAA-BBBBBBBBBB-N\nCASNO: 0-00-0\n"
        f"Retention_index: SemiStdNP=1183/3/12 StdNP=1170\nLicense: CC0\nAuthors: Somebody\n"
        f"Num Peaks: {len(MASSES)}\n{peaks}"
        for one in names
    ).encode()


def msl() -> bytes:
    """Write a record of an MSL library."""
    peaks = " ".join(f"({m} {h})" for m, h in zip(MASSES, HEIGHTS, strict=True))
    return f"NAME:synthetic\nRI:1200.5\nNUM PEAKS: 4\n{peaks}\n\n".encode()


def sdf() -> bytes:
    """Write a record of an SDF library."""
    peaks = "\n".join(f"{m} {h}" for m, h in zip(MASSES, HEIGHTS, strict=True))
    return (
        "synthetic\n\n\n  0  0  0  0  0  0            999 V2000\nM  END\n"
        "> <NAME>\nsynthetic\n\n> <CASNO>\n0-00-0\n\n> <NUM PEAKS>\n4\n\n"
        f"> <MERGED PEAKS>\n{peaks}\n\n$$$$\n"
    ).encode()


def massbank() -> bytes:
    """Write a MassBank record."""
    peaks = "\n".join(f"  {m} {h} 1" for m, h in zip(MASSES, HEIGHTS, strict=True))
    return (
        "ACCESSION: SYN-0-1\nRECORD_TITLE: synthetic\nAUTHORS: Somebody\nLICENSE: CC0\n"
        "CH$NAME: synthetic\nCH$LINK: INCHIKEY AAAAAAAAAAAAAA-BBBBBBBBBB-N\n"
        "AC$INSTRUMENT_TYPE: LC-ESI-QTOF\nAC$MASS_SPECTROMETRY: MS_TYPE MS2\n"
        "AC$MASS_SPECTROMETRY: COLLISION_ENERGY 20 eV\nMS$FOCUSED_ION: PRECURSOR_M/Z 120.5\n"
        "MS$FOCUSED_ION: PRECURSOR_TYPE [M+H]+\n"
        f"PK$NUM_PEAK: 4\nPK$PEAK: m/z int. rel.int.\n{peaks}\n//\n"
    ).encode()


def mgf() -> bytes:
    """Write an MGF record."""
    peaks = "\n".join(f"{m} {h}" for m, h in zip(MASSES, HEIGHTS, strict=True))
    return f"BEGIN IONS\nTITLE=synthetic\nPEPMASS=120.5 9\n{peaks}\nEND IONS\n".encode()


def table(separator: str = ";", decimal: str = ",", head: str = "cm-1;absorbance") -> bytes:
    """Write two columns of text."""
    rows = [f"{2000 - 2.5 * n}{separator}{0.125 * n}".replace(".", decimal) for n in range(12)]
    return "\n".join([head, *rows, ""] if head else rows).encode()


#: One good file of each format: name → bytes.
EVERY: dict[str, bytes] = {
    "fixed.dx": jcamp(fixed(ORDINATES)),
    "differences.dx": jcamp(differences(ORDINATES)),
    "peaks.jdx": jcamp_peaks(),
    "tuples.jdx": n_tuples(),
    "linked.jdx": linked(),
    "even.spc": spc(),
    "own.spc": spc(flags=4 | 64 | 128, traces=3),
    "old.spc": old_spc(),
    "result.0": opus(),
    "run.cdf": andi(),
    "library.msp": msp(("one", "two")),
    "library.msl": msl(),
    "library.sdf": sdf(),
    "record.mb": massbank(),
    "ions.mgf": mgf(),
    "curve.csv": table(),
    "curve.dpt": table(",", ".", ""),
    "run.mzml": mzml(),
}
