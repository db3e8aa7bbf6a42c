"""Adding substances, their names, and confirming structures: the acts."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.journal.records import JournalEntry
from lims.library import adding, confirming, queries, rules
from lims.library.adding import AddSubstance, AddSynonym, RemoveSynonym
from lims.library.confirming import ConfirmStructure, WithdrawConfirmation
from lims.library.operations import load_library
from lims.library.records import Substance
from lims.library.schemas import AddSubstanceSchema
from lims.library.search import SubstanceFilters, search
from lims.network.queries import OPERATOR

NITAZENE = "CCN(CC)CCn1c(Cc2ccc(OCC(F)F)cc2)nc2cc([N+](=O)[O-])ccc21.Cl"
NEW = AddSubstance(
    name_en="Synthetic nitazene",
    smiles=NITAZENE,
    chemical_class="opioid-nitazene",
    role="psychoactive",
    source="synthetic, for a test",
    synonyms=("Made-up zene",),
)


@pytest.fixture
def library(session: Session, network: Any) -> int:
    return load_library(session, OPERATOR).number


def added(session: Session, network: Any, **given: Any) -> Substance:
    command = AddSubstance(**{**NEW.__dict__, **given})
    return adding.add_substance(session, network.chemist, command)


def waiting(session: Session) -> Substance:
    found = queries.substance_by_key(session, "mbzp")
    assert found is not None and found.structure_status == "skeleton"
    return found


def confirm(session: Session, who: Any, what: Substance) -> Any:
    command = ConfirmStructure(what.id, what.inchikey, "synthetic certificate")
    return confirming.confirm_structure(session, who, command)


def fields(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {one.field for one in refusal.value.problems}


def test_an_added_substance_gets_its_parent_masses_and_groups_computed(
    session: Session, network: Any, library: int
) -> None:
    made = added(session, network)
    assert (made.formula, made.groups) == ("C22H26F2N4O3", ["nitazenes"])
    assert made.monoisotopic_mass == Decimal("432.1973")
    assert ".Cl" not in made.smiles and (made.name_fr, made.name_nl) == (made.name_en,) * 2
    assert (made.structure_status, made.is_marked, made.added_by) == (
        "unconfirmed",
        True,
        "chemist",
    )
    assert queries.resolve_name(session, "made up ZENE").substance == made


def test_a_new_substance_makes_a_new_version_that_is_searched_at_once(
    session: Session, network: Any, library: int
) -> None:
    by_part = SubstanceFilters(structure="OCC(F)F")
    assert search(session, network.chemist, by_part).total == 0
    made = added(session, network)
    session.flush()
    assert queries.library_version(session) == library + 1
    assert search(session, network.chemist, by_part).substances == [made]
    acts = session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq.desc()).limit(1))
    assert list(acts) == ["add substance"]


def test_the_same_identifier_twice_keeps_one_substance(
    session: Session, network: Any, library: int
) -> None:
    one = uuid.uuid4()
    assert added(session, network, id=one).id == added(session, network, id=one).id == one


def test_a_structure_that_is_there_is_refused_with_its_name(
    session: Session, network: Any, library: int
) -> None:
    with pytest.raises(Invalid) as refusal:
        added(session, network, name_en="Another", smiles="C[C@H](NC)Cc1ccc2c(c1)OCO2.Br")
    assert fields(refusal) == {"smiles"}
    assert "MDMA" in str(refusal.value.problems[0].message)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"smiles": "not a structure"}, "smiles"),
        ({"smiles": "C1CC"}, "smiles"),
        ({"chemical_class": "miracle"}, "chemical_class"),
        ({"role": "villain"}, "role"),
        ({"cas": "42542-10-8"}, "cas"),
        ({"name_en": "mdma "}, "name_en"),
        ({"name_en": "???"}, "name_en"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(
    session: Session, network: Any, library: int, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        added(session, network, **wrong)
    assert fields(refusal) == {field}


def test_two_substances_of_one_stem_get_keys_of_their_own(
    session: Session, network: Any, library: int
) -> None:
    first = added(session, network)
    second = added(session, network, name_en="Synthetic nitazene β", smiles="CC(C)(C)CCCCCCCCF")
    third = added(session, network, name_en="Synthetic nitazene γ", smiles="CC(C)(C)CCCCCCCF")
    assert len({first.key, second.key, third.key}) == 3


def test_only_who_may_add_references_adds_or_confirms(
    session: Session, network: Any, library: int
) -> None:
    with pytest.raises(NotPermitted):
        adding.add_substance(session, network.verifier, NEW)
    with pytest.raises(NotPermitted):
        confirm(session, network.verifier, waiting(session))
    with pytest.raises(NotPermitted):
        adding.add_synonym(session, network.worker, AddSynonym(waiting(session).id, "x"))


def test_a_shipped_structure_is_confirmed_by_two_people_and_not_by_one(
    session: Session, network: Any, library: int
) -> None:
    what = waiting(session)
    confirm(session, network.chemist, what)
    assert (what.structure_status, what.is_marked) == ("skeleton", True)
    confirm(session, network.other_chemist, what)
    assert (what.structure_status, what.is_marked) == ("confirmed", False)
    with pytest.raises(Refused):
        confirm(session, network.head, what)


def test_nobody_confirms_twice_nor_what_they_added(
    session: Session, network: Any, library: int
) -> None:
    what = waiting(session)
    confirm(session, network.chemist, what)
    with pytest.raises(Refused):
        confirm(session, network.chemist, what)
    own = added(session, network)
    with pytest.raises(Refused):
        confirm(session, network.chemist, own)
    confirm(session, network.head, own)
    confirm(session, network.second_chemist, own)
    assert own.structure_status == "confirmed"


def test_a_confirmation_that_is_taken_back_leaves_the_structure_as_its_source_states_it(
    session: Session, network: Any, library: int
) -> None:
    what = waiting(session)
    first = confirm(session, network.chemist, what)
    confirm(session, network.other_chemist, what)
    with pytest.raises(NotPermitted):
        command = WithdrawConfirmation(first.id, "wrong certificate")
        confirming.withdraw_confirmation(session, network.second_chemist, command)
    confirming.withdraw_confirmation(session, network.chemist, command)
    assert (what.structure_status, first.withdrawn_by) == ("skeleton", "chemist")
    with pytest.raises(Refused):
        confirming.withdraw_confirmation(session, network.chemist, command)
    confirm(session, network.chemist, what)
    assert what.structure_status == "confirmed"


def test_a_head_takes_back_what_another_confirmed_and_says_why(
    session: Session, network: Any, library: int
) -> None:
    given = confirm(session, network.chemist, waiting(session))
    with pytest.raises(Invalid):
        command = WithdrawConfirmation(given.id, " ")
        confirming.withdraw_confirmation(session, network.head, command)
    confirming.withdraw_confirmation(session, network.head, WithdrawConfirmation(given.id, "why"))
    assert given.reason == "why"
    with pytest.raises(NotFound):
        nothing = WithdrawConfirmation(uuid.uuid4(), "why")
        confirming.withdraw_confirmation(session, network.head, nothing)


def test_only_the_structure_that_was_looked_at_is_confirmed(
    session: Session, network: Any, library: int
) -> None:
    what = waiting(session)
    with pytest.raises(Stale):
        command = ConfirmStructure(what.id, "AAAAAAAAAAAAAA-AAAAAAAAAA-A", "x")
        confirming.confirm_structure(session, network.chemist, command)
    with pytest.raises(Invalid):
        command = ConfirmStructure(what.id, what.inchikey, "  ")
        confirming.confirm_structure(session, network.chemist, command)
    talc = queries.substance_by_key(session, "talc")
    assert talc is not None
    with pytest.raises(Refused):
        confirm(session, network.chemist, talc)


def test_loading_again_keeps_what_people_added_and_confirmed(
    session: Session, network: Any, library: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lims.library import operations

    what, own = waiting(session), added(session, network)
    adding.add_synonym(session, network.chemist, AddSynonym(what.id, "Synthetic name"))
    for who in (network.chemist, network.other_chemist):
        confirm(session, who, what)
    session.flush()
    last = queries.latest_version(session)
    assert last is not None
    monkeypatch.setattr(operations, "content_hash", lambda _folder: "another")
    load_library(session, OPERATOR)
    session.flush()
    assert what.structure_status == "confirmed" and own.structure_status == "unconfirmed"
    assert queries.resolve_name(session, "synthetic name").substance == what
    assert queries.resolve_name(session, "Made-up zene").substance == own


def test_a_synonym_is_added_once_and_removed_and_what_is_shipped_stays(
    session: Session, network: Any, library: int
) -> None:
    mdma = queries.substance_by_key(session, "mdma")
    assert mdma is not None
    name = adding.add_synonym(session, network.chemist, AddSynonym(mdma.id, "Synthetic word"))
    session.flush()
    again = adding.add_synonym(session, network.chemist, AddSynonym(mdma.id, "SYNTHETIC word"))
    assert again.id == name.id
    shipped = next(one for one in queries.names(session, mdma.id) if not one.added_by)
    with pytest.raises(Refused):
        adding.remove_synonym(session, network.chemist, RemoveSynonym(mdma.id, shipped.id))
    adding.remove_synonym(session, network.chemist, RemoveSynonym(mdma.id, name.id))
    session.flush()
    assert queries.resolve_name(session, "Synthetic word").substance is None
    with pytest.raises(NotFound):
        adding.remove_synonym(session, network.chemist, RemoveSynonym(mdma.id, name.id))
    with pytest.raises(Invalid):
        adding.add_synonym(session, network.chemist, AddSynonym(mdma.id, "!?"))


def test_a_substance_keeps_its_own_names(session: Session, network: Any, library: int) -> None:
    own = added(session, network)
    session.flush()
    mine = next(one for one in queries.names(session, own.id) if one.name == own.name_en)
    with pytest.raises(Refused):
        adding.remove_synonym(session, network.chemist, RemoveSynonym(own.id, mine.id))


@pytest.mark.parametrize("number", ["42542-10-9", "50-36-2", "58-08-2"])
def test_a_cas_number_proves_itself(number: str) -> None:
    assert rules.is_cas_number(number)
    assert not rules.is_cas_number(number[:-1] + str((int(number[-1]) + 1) % 10))


@given(
    st.dictionaries(
        st.sampled_from(sorted(AddSubstanceSchema().fields)),
        st.one_of(st.text(max_size=50), st.lists(st.text(max_size=20), max_size=3), st.none()),
    )
)
def test_any_nonsense_is_a_command_or_is_refused(typed: dict[str, Any]) -> None:
    try:
        command = AddSubstanceSchema().read(typed)
    except Invalid as refusal:
        assert refusal.problems
    else:
        assert command.name_en and command.smiles
