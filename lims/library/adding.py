"""Adding what the library lacks: a substance with its structure, and the names it goes by."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Problem, Refused, refuse_field
from lims.foundation.words import _
from lims.library import queries, rules, seeds
from lims.library.classes import CLASS_WORDS
from lims.library.records import Substance, SubstanceName
from lims.library.versions import note_library_change
from lims.network.rules import Permission


@dataclass(frozen=True)
class AddSubstance:
    """A substance that the library lacks; an empty French or Dutch name is the English one."""

    name_en: str
    smiles: str
    chemical_class: str
    role: str
    source: str
    name_fr: str = ""
    name_nl: str = ""
    cas: str = ""
    synonyms: tuple[str, ...] = ()
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class AddSynonym:
    """Another name that a substance goes by."""

    substance_id: uuid.UUID
    name: str


@dataclass(frozen=True)
class RemoveSynonym:
    """A name that a person added and that shall no longer lead to the substance."""

    substance_id: uuid.UUID
    name_id: uuid.UUID


def add_substance(session: Session, actor: Actor, command: AddSubstance) -> Substance:
    """Add a substance, its parent, masses and groups computed; two people must confirm it yet.

    The same identifier twice keeps one. Raises Invalid, also for a structure that is there.
    """
    actor.must(Permission.ADD_REFERENCE)
    there = session.get(Substance, command.id) if command.id else None
    if there is not None:
        return there
    _refuse_wrong(session, command)
    made = Substance(**_values(session, command), added_by=actor.account)
    session.add(made)
    session.flush()
    names = (command.name_en, made.name_fr, made.name_nl, made.key, *command.synonyms)
    _enter_names(session, made, names, actor.account)
    facts = {"key": made.key, "inchikey": made.inchikey, "smiles": made.smiles}
    journal.record(session, actor, "add substance", [("substance", made.id)], **facts)
    note_library_change(session)
    return made


def _refuse_wrong(session: Session, command: AddSubstance) -> None:
    problems = []
    if command.chemical_class not in CLASS_WORDS:
        problems.append(Problem("chemical_class", _("Choose one of the list.")))
    if command.role not in set(rules.Role):
        problems.append(Problem("role", _("Choose one of the list.")))
    if command.cas and not rules.is_cas_number(command.cas):
        problems.append(Problem("cas", _("This is not a CAS number: its check digit is wrong.")))
    folded = rules.fold(command.name_en)
    named = select(Substance.name_en)
    if not folded:
        problems.append(Problem("name_en", _("A name has letters or digits.")))
    elif folded in {rules.fold(one) for one in session.scalars(named)}:
        problems.append(Problem("name_en", _("The library already has a substance of this name.")))
    if problems:
        raise Invalid(problems)


def _values(session: Session, command: AddSubstance) -> dict[str, object]:
    from lims.library import chemistry  # RDKit takes a second to load: only when one adds

    found = chemistry.identify(command.smiles)
    twin = queries.of_skeleton(session, found.skeleton)
    if twin is not None:
        words = _("The library already has this structure: %(name)s.", name=twin.name_en)
        raise refuse_field("smiles", words)
    mass = Decimal(found.monoisotopic_mass).quantize(Decimal("0.0001"))
    return {
        "id": command.id or uuid.uuid4(),
        "key": _free_key(session, command.name_en),
        "name_en": command.name_en,
        "name_fr": command.name_fr or command.name_en,
        "name_nl": command.name_nl or command.name_en,
        "smiles": found.smiles,
        "inchikey": found.inchikey,
        "formula": found.formula,
        "monoisotopic_mass": mass,
        "cas": command.cas,
        "chemical_class": command.chemical_class,
        "role": command.role,
        "groups": list(chemistry.groups_of(found.smiles, seeds.core_groups())),
        "structure_status": rules.StructureStatus.UNCONFIRMED,
        "stated_status": rules.StructureStatus.UNCONFIRMED,
        "source": command.source,
    }


def _free_key(session: Session, name: str) -> str:
    """Return a key made of a name that no substance has yet."""
    stem = rules.code_of(name)[:60] or "substance"
    taken = set(session.scalars(select(Substance.key).where(Substance.key.startswith(stem))))
    keys = (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3)))
    return next(key for key in keys if key not in taken)


def _enter_names(
    session: Session, substance: Substance, names: tuple[str, ...], account: str
) -> None:
    """Enter names, each once however it is written."""
    written = {rules.fold(name): name for name in reversed(names) if rules.fold(name)}
    for folded, name in written.items():
        values = {"folded": folded, "name": name, "added_by": account}
        session.add(SubstanceName(**values, substance_id=substance.id))


def add_synonym(session: Session, actor: Actor, command: AddSynonym) -> SubstanceName:
    """Add a name to a substance; the same name twice keeps one. Raises Invalid on field "name"."""
    actor.must(Permission.ADD_REFERENCE)
    substance = queries.substance(session, command.substance_id)
    folded = rules.fold(command.name)
    if not folded:
        raise refuse_field("name", _("A name has letters or digits."))
    query = select(SubstanceName).where(
        SubstanceName.substance_id == substance.id, SubstanceName.folded == folded
    )
    there = session.scalar(query)
    if there is not None:
        return there
    values = {"folded": folded, "name": command.name, "substance_id": substance.id}
    made = SubstanceName(id=uuid.uuid4(), **values, added_by=actor.account)
    session.add(made)
    about = [("substance", substance.id)]
    journal.record(session, actor, "add synonym", about, name=command.name)
    note_library_change(session)
    return made


def remove_synonym(session: Session, actor: Actor, command: RemoveSynonym) -> Substance:
    """Remove a name that a person added; what is shipped, and a substance's own names, stay."""
    actor.must(Permission.ADD_REFERENCE)
    substance = queries.substance(session, command.substance_id)
    name = session.get(SubstanceName, command.name_id)
    if name is None or name.substance_id != substance.id:
        raise NotFound(_("This substance has no such name."))
    own = (substance.key, substance.name_en, substance.name_fr, substance.name_nl)
    if not name.added_by or name.folded in {rules.fold(one) for one in own}:
        raise Refused(_("This name stays: it comes with the library or is the substance’s own."))
    about = [("substance", substance.id)]
    journal.record(session, actor, "remove synonym", about, name=name.name)
    session.delete(name)
    note_library_change(session)
    return substance
