from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.errors import NotFound
from lims.foundation.jobs import Job
from lims.library import collection, imports, long_import, naming
from lims.library.naming import DecideIdentity
from lims.library.records import SubstanceName
from lims.library.spectra import ReferenceSpectrum, SpectrumImport
from tests.library.makers import written_msp
from tests.makers import Network, make_substance

MDMA = "SHXWCVYOXRDMCX-UHFFFAOYSA-N"


@pytest.fixture
def mdma(session: Session, network: Network) -> Any:
    made = make_substance(
        session, "mdma", inchikey=MDMA, cas="42542-10-9", monoisotopic_mass=193.11028
    )
    other = make_substance(session, "mda", inchikey="NGBBVGZWCFBOGO-UHFFFAOYSA-N")
    for folded, one in (("mdma", made), ("ecstasy", made), ("love", made), ("love", other)):
        session.add(SubstanceName(folded=folded, name=folded, substance_id=one.id))
    session.commit()
    return made


@pytest.mark.parametrize(
    ("facts", "recognised"),
    [
        ({"Name": "anything", "InChIKey": MDMA}, True),
        ({"Name": "anything", "InChIKey": "SHXWCVYOXRDMCX-SECBINFHSA-N"}, True),
        ({"Name": "MDMA", "InChIKey": "AAAAAAAAAAAAAA-UHFFFAOYSA-N"}, False),
        ({"Name": "Ecstasy", "InChIKey": ""}, True),
        ({"Name": "love", "InChIKey": ""}, False),
        ({"Name": "unheard of", "InChIKey": "", "CASNO": "42542-10-9"}, True),
        ({"Name": "unheard of", "InChIKey": "", "Synonyms": "MDMA"}, True),
        ({"Name": "a salt", "InChIKey": "", "SMILES": "CNC(C)Cc1ccc2OCOc2c1.Cl"}, True),
        ({"Name": "MDMA-d5", "InChIKey": MDMA}, False),
        ({"Name": "labelled", "InChIKey": MDMA, "ExactMass": "198.14"}, False),
        ({"Name": "same", "InChIKey": MDMA, "ExactMass": "193.1103"}, True),
    ],
)
def test_a_record_is_recognised_by_structure_else_by_exact_name(
    session: Session,
    imported: Callable[..., SpectrumImport],
    mdma: Any,
    facts: dict[str, str],
    recognised: bool,
) -> None:
    found = imported(written_msp(1, **facts))
    spectrum = session.scalars(select(ReferenceSpectrum)).one()
    assert (spectrum.substance_id == mdma.id) is recognised
    assert found.unresolved == (not recognised)


def test_what_is_not_recognised_waits_in_groups_for_a_decision(
    session: Session, network: Network, imported: Callable[..., SpectrumImport], mdma: Any
) -> None:
    unknown = {"Name": "tablet 7", "InChIKey": ""}
    data = b"".join(written_msp(1, number, **unknown) for number in range(4)) + written_msp(1, 9)
    imported(data)
    waiting, total = imports.unresolved(session, network.chemist)
    assert total == 2
    assert [(one.name, one.spectra) for one in waiting] == [("tablet 7", 4), ("synthetic 9", 1)]
    linked = naming.decide_identity(
        session, network.chemist, DecideIdentity(waiting[0].identity, mdma.id)
    )
    naming.decide_identity(session, network.chemist, DecideIdentity(waiting[1].identity))
    assert linked == 4
    assert imports.unresolved(session, network.chemist) == ([], 0)
    known = collection.spectra_of_substance(session, mdma.id)
    assert {one.name for one in known} == {"tablet 7"} and len(known) == 4
    with pytest.raises(NotFound):
        naming.decide_identity(session, network.chemist, DecideIdentity("nobody bears it"))


def test_a_decision_holds_for_the_next_import(
    session: Session, network: Network, imported: Callable[..., SpectrumImport], mdma: Any
) -> None:
    imported(written_msp(1, 1, Name="tablet 7", InChIKey=""))
    identity = imports.unresolved(session, network.chemist)[0][0].identity
    naming.decide_identity(session, network.chemist, DecideIdentity(identity, mdma.id))
    session.commit()
    found = imported(written_msp(2, 5, Name="Tablet-7", InChIKey=""), name="Next")
    assert (found.added, found.unresolved) == (2, 0)


def test_the_long_work_acts_for_whoever_asked() -> None:
    actor = long_import._importer(Job(by="chemist"))
    assert actor.account == "chemist"
    assert set(actor.grants) == {"add reference measurements"}
