"""Small invented deliveries of partners, for the tests of reading and importing."""

from __future__ import annotations

WEDINOS_HEADER = (
    "reference_code,analysed,reason_not_analysed,date_received,purchase_intent,major_substances,"
    "minor_substances,postcode_district,package_label,sample_colour,sample_form,consumption_method,"
    "self_reported_effects,upstream_adulterant_mismatch,upstream_high_risk_substances,"
    "upstream_alert\n"
)
WEDINOS = (
    WEDINOS_HEADER
    + "X1,1,,2025-03-04,Pill,MDMA,Caffeine,ZZ1,Not stated,Blue|White,Tablet,Oral,Relaxed,0,,0\n"
    + "X2,1,,2025-03-05,Valium,Bromazolam,,ZZ1,Label,Gwyn,Tabled,Drwy’r geg,Memory Loss,1,,1\n"
    + "X3,0,No postcode supplied,,,,,,,,,,,,,\n"
    + "X4,1,,1989-01-01,Heroin,Heroin|Metonitazene,,ZZ22,,Brown,Powder,Not Stated,,0,,1\n"
    + "X5,1,,2025-03-06,Ket,No active compound identified,,ZZ1,,White,Powder,,,0,,0\n"
).encode()
ECSTASY_SAMPLES = (
    b"sample_id,source_id,source_name,date,city,region,country,location_raw,sold_as_ecstasy,name,"
    b"other_name,mass_mg\n"
    b'1,1,Invented,2015-01-02,,,Nowhere,"Town, Nowhere",1,Blue Comet,,310.0\n'
    b"2,1,Invented,2015-01-03,,,Nowhere,Nowhere,1,Red Kite,,250.5\n"
    b"3,1,Invented,2016-02-01,,,,,0,Blotter,Square,\n"
)
ECSTASY_DETECTIONS = (
    b"sample_id,substance,parts,parts_unit,parts_is_mg,parts_ambiguous,fraction_of_parts\n"
    b"1,MDMA,120.0,mg,1,0,1.0\n"
    b"2,MDMA,200.1,mg,1,0,0.9\n"
    b"2,Caffeine,20.0,mg,1,0,0.1\n"
    b"3,25I-NBOMe,1.0,ratio,0,0,1.0\n"
    b"3,Unidentified,1.0,ratio,0,0,\n"
)
ECSTASY = {"samples.csv": ECSTASY_SAMPLES, "detections.csv": ECSTASY_DETECTIONS}
TEMPLATE = (
    "sample_id;received;sold_as;form;colours;mass_mg;analysed;not_analysed_reason;substance;role;"
    "amount;unit;notes\n"
    "A1;31/12/2024;XTC;comprimé;bleu|rose;310,5;oui;;MDMA;major;168,5;mg;\n"
    "A1;;;;;;oui;;Caféine;minor;;;\n"
    "A2;2025-01-02;speed;poudre;blanc;;ja;;Amfetamine;;35,0;%;\n"
    "A3;2025-01-02;;;;;nee;te weinig;;;;;insufficient\n"
).encode()
