from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.exchange.flags import Flag, flags_of_one
from lims.exchange.names import KnownSubstance, NameIndex, fold_halogen, fold_spelling
from lims.exchange.sources.mapping import data_file
from lims.foundation.shipped import shipped
from lims.library.rules import fold


def index_of(
    rows: Iterable[Mapping[str, str]],
    aliases: Mapping[str, Iterable[str]],
    never: Iterable[str] = (),
) -> NameIndex:
    known = {row["key"]: known_substance(row) for row in rows}
    return NameIndex(known, {key: tuple(names) for key, names in aliases.items()}, frozenset(never))


def known_substance(row: Mapping[str, str]) -> KnownSubstance:
    languages = (row["name_en"], row["name_fr"], row["name_nl"])
    return KnownSubstance(
        key=row["key"],
        names=(*languages, *filter(None, row["synonyms"].split("|"))),
        substance_class=row["class"],
        always_alert=row["always_alert"] == "y",
        inchikey=row["inchikey"],
        cas=row["cas"],
    )


def library_index() -> NameIndex:
    words = data_file("names.yaml")
    with (shipped("reference_data") / "substances.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    never = [name for names in words["never"].values() for name in names]
    return index_of(rows, words["aliases"], never)


INDEX = library_index()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("MDMA", "mdma"),
        ("  mdma ", "mdma"),
        ("(±)-MDMA", "mdma"),
        ("(+/-)-MDMA", "mdma"),
        ("MDMA HCl", "mdma"),
        ("3,4-Methylenedioxymethamphetamine", "mdma"),
        ("SHXWCVYOXRDMCX-UHFFFAOYSA-N", "mdma"),
        ("42542-10-9", "mdma"),
        ("Cocaine hydrochloride", "cocaine"),
        ("Cocaine (base)", "cocaine"),
        ("Cocaïne", "cocaine"),
        ("Cocaine, Nor", "norcocaine"),
        ("Morphine, 6 Monoacetyl", "6-mam"),
        ("6-MAM", "6-mam"),
        ("2-Methylmethcathinone (2-MMC)", "2-mmc"),
        ("4-Methylmethcathinone (Mephedrone; 4-MMC)", "mephedrone"),
        ("4-Chloromethcathinone (clephedrone)", "4-cmc"),
        ("THC (Tetrahydrocannabinol)", "thc"),
        ("Δ9-THC", "thc"),
        ("α-PVP", "alpha-pvp"),
        ("Phenacetine", "phenacetin"),
        ("Amphetamine sulphate", "amphetamine"),
        ("Amfétamine", "amphetamine"),
        ("2-Fluoro Deschloroketamine", "2-fdck"),
        ("5-fluoro-ADB", "5f-adb"),
        ("Acetaminophen", "paracetamol"),
        ("Fentanyl, acetyl", "acetylfentanyl"),
        ("Despropionyl fentanyl (4-ANPP)", "4-anpp"),
        ("d-methamphetamine", "methamphetamine"),
        ("MDMA (trace)", "mdma"),
    ],
)
def test_a_published_name_finds_its_substance(name: str, key: str) -> None:
    assert INDEX.resolve(name).substance_key == key


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("Ketamine/2F-DCK", ("2-fdck", "ketamine")),
        ("MDMA or MDA", ("mda", "mdma")),
        ("Pseudo/Ephedrine", ("ephedrine",)),
        ("5- or 6-MAPB", ("6-mapb",)),
        ("Methcathinone (chloro)", ("methcathinone",)),
        ("Amphetamine (isomer not known)", ("amphetamine",)),
        ("Ketamine (MDMA)", ("ketamine", "mdma")),
    ],
)
def test_a_name_that_may_mean_two_things_waits_for_a_person(
    name: str, candidates: tuple[str, ...]
) -> None:
    found = INDEX.resolve(name)
    assert found.substance_key is None
    assert found.candidates == candidates


@pytest.mark.parametrize("name", ["speed", "Crystal", "K", "spice", "4-MA", "4-MMA", "Benzofury"])
def test_a_street_name_or_a_disputed_code_is_no_finding(name: str) -> None:
    assert INDEX.resolve(name).substance_key is None


@pytest.mark.parametrize("name", ["", "2,5-MDMA", "MDMA-like", "Nosuchamine", "Amphetamines"])
def test_an_unknown_name_stays_unknown(name: str) -> None:
    assert INDEX.resolve(name).substance_key is None


def test_no_two_substances_of_the_library_share_a_folded_name() -> None:
    for folding in (fold, fold_halogen, fold_spelling):
        seen: dict[str, str] = {}
        for substance in INDEX.substances.values():
            for name in {substance.key, substance.names[0]}:
                other = seen.setdefault(folding(name), substance.key)
                assert other == substance.key, (name, other)


def test_every_alias_belongs_to_a_substance_of_the_library() -> None:
    assert set(data_file("names.yaml")["aliases"]) <= set(INDEX.substances)


@given(st.text(max_size=400))
def test_no_text_breaks_the_resolution_of_names(text: str) -> None:
    found = INDEX.resolve(text)
    assert found.substance_key is None or found.substance_key in INDEX.substances


def flags(name: str) -> set[str]:
    key = INDEX.resolve(name).substance_key
    return set(flags_of_one(name, INDEX.substances.get(key) if key else None))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Metonitazene", {Flag.NITAZENE}),
        ("N-Desethyl protonitazene", {Flag.NITAZENE}),
        ("Etonitazepyne", {Flag.NITAZENE}),
        ("Fentanyl", {Flag.FENTANYL}),
        ("Benzyl fentanyl", {Flag.FENTANYL}),
        ("Remifentanil", {Flag.FENTANYL}),
        ("Carfentanil", {Flag.FENTANYL, Flag.CARFENTANIL}),
        ("PMMA", {Flag.PMMA}),
        ("para-methoxymethamphetamine", {Flag.PMMA}),
        ("PMA", {Flag.PMA}),
        ("Bromazolam", {Flag.DESIGNER_BENZODIAZEPINE}),
        ("Etizolam", {Flag.DESIGNER_BENZODIAZEPINE}),
        ("Phenazepam", {Flag.DESIGNER_BENZODIAZEPINE}),
        ("Desalkylgidazepam", {Flag.DESIGNER_BENZODIAZEPINE}),
        ("Gidazepam", {Flag.DESIGNER_BENZODIAZEPINE}),
        ("Methylclonazepam", {Flag.DESIGNER_BENZODIAZEPINE}),
        ("Fluclotizolam", {Flag.DESIGNER_BENZODIAZEPINE}),
        ("MDMB-INACA", {Flag.SYNTHETIC_CANNABINOID}),
        ("MDMB-BUTINACA", {Flag.SYNTHETIC_CANNABINOID}),
        ("5F-MDMB-PICA", {Flag.SYNTHETIC_CANNABINOID}),
        ("CUMYL-CBMICA", {Flag.SYNTHETIC_CANNABINOID}),
        ("JWH-210", {Flag.SYNTHETIC_CANNABINOID}),
        ("XLR-11", {Flag.SYNTHETIC_CANNABINOID}),
        ("MAM-2201", {Flag.SYNTHETIC_CANNABINOID}),
        ("25H-NBOMe", {Flag.NBOME}),
        ("25E-NBOH", {Flag.NBOME}),
        ("Xylazine", {Flag.XYLAZINE}),
        ("Dexmedetomidine", {Flag.MEDETOMIDINE}),
    ],
)
def test_a_dangerous_family_is_flagged_found_or_only_named(name: str, expected: set[Flag]) -> None:
    assert flags(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("Diazepam", "Alprazolam", "Nitrazepam", "Nimetazepam", "Triazolam", "Tetrazepam"),
        *("7-Aminoclonazepam", "alpha-Hydroxyalprazolam", "Desmethyldiazepam", "Midazolam HCl"),
        *("Temazepam (trace)", "Zopiclone", "Methamphetamine", "MMDPPA", "4-Methylamphetamine"),
        *(
            "Nitazoxanide",
            "THC",
            "Cannabidiol",
            "Cannabigerol",
            "HHC",
            "AMT",
            "Natural Cannabinoids",
        ),
        *("Fluoropentylindole", "Metronidazole", "2C-B", "Atropine", "Omeprazole", "Adamantane"),
    ],
)
def test_a_medicine_or_a_look_alike_name_is_not_flagged(name: str) -> None:
    assert flags(name) == set()
