from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lims.alerts.cap.checking import check
from lims.alerts.cap.remarks import Grade
from lims.foundation.words import LANGUAGES, say
from tests.alerts.capping import changed, signed, unsigned
from tests.data import shared_data

SPACE = ("<identifier>ews.example.be-2026-0001-1<", "<identifier>ews example be 1<")
COMMA = ("<identifier>ews.example.be-2026-0001-1<", "<identifier>ews,1<")
PUBLIC = "<scope>Public</scope>"
AREA = "<areaDesc>Belgium</areaDesc>"
REFERENCES = "<incidents>"
UPDATE = ("<msgType>Alert<", "<msgType>Update<")


def cites(text: str) -> tuple[str, str]:
    return REFERENCES, f"<references>{text}</references>{REFERENCES}"


def area(more: str) -> tuple[str, str]:
    return AREA, AREA + more


REFUSED_BY_RULES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "a space in the identifier": ("identifier-characters", (SPACE,)),
    "a comma in the identifier": ("identifier-characters", (COMMA,)),
    "a space in the sender": (
        "sender-characters",
        (("<sender>alerts@ews.example.be<", "<sender>alerts at ews<"),),
    ),
    "a mark that nobody sees in the identifier": (
        "identifier-characters",
        ((SPACE[0], "<identifier>ews\u200b1<"),),
    ),
    "a mark that turns the reading direction in the sender": (
        "sender-characters",
        (("<sender>alerts@ews.example.be<", "<sender>alerts@\u202eeb.example<"),),
    ),
    "a headline that nobody sees": (
        "headline-empty",
        (("<headline>Synthetic tablet<", "<headline>\u200b<"),),
    ),
    "an address on a port that no machine has": (
        "web-address",
        (("<web>https://ews.example.be/", "<web>https://ews.example.be:99999/"),),
    ),
    "an empty identifier": ("identifier-empty", ((SPACE[0], "<identifier><"),)),
    "an update that cites nothing": ("references-missing", (UPDATE,)),
    "a cancel that cites nothing": (
        "references-missing",
        (("<msgType>Alert<", "<msgType>Cancel<"),),
    ),
    "a reference of two parts": ("reference-form", (UPDATE, cites("a@b.be,one"))),
    "a reference whose time ends in Z": (
        "reference-form",
        (UPDATE, cites("a@b.be,one,2026-11-01T10:00:00Z")),
    ),
    "a reference to itself": (
        "reference-itself",
        (
            UPDATE,
            cites("alerts@ews.example.be,ews.example.be-2026-0001-1,2026-11-22T10:00:00+01:00"),
        ),
    ),
    "a reference to a later message": (
        "reference-later",
        (UPDATE, cites("a@b.be,one,2027-01-01T10:00:00+01:00")),
    ),
    "restricted without a restriction": (
        "restriction-missing",
        ((PUBLIC, "<scope>Restricted</scope>"),),
    ),
    "a restriction on a public message": (
        "restriction-unasked",
        ((PUBLIC, f"{PUBLIC}<restriction>staff</restriction>"),),
    ),
    "private without addresses": ("addresses-missing", ((PUBLIC, "<scope>Private</scope>"),)),
    "an expiry before the sending": (
        "expires-before-sent",
        (("<expires>2026-12-22T", "<expires>2026-11-21T"),),
    ),
    "an expiry before the onset": (
        "expires-before-onset",
        (("<expires>", "<onset>2027-12-01T10:00:00+01:00</onset><expires>"),),
    ),
    "an empty headline": ("headline-empty", (("<headline>Synthetic tablet<", "<headline> <"),)),
    "no headline": ("headline-empty", (("<headline>Synthetic tablet</headline>", ""),)),
    "no description": (
        "description-empty",
        (("<description>A synthetic message. Nothing in it is real.</description>", ""),),
    ),
    "another severity in one language": (
        "languages-differ",
        (("<severity>Extreme<", "<severity>Minor<"),),
    ),
    "another expiry in one language": (
        "languages-differ",
        (("<expires>2026-12-22T", "<expires>2026-12-23T"),),
    ),
    "another place in one language": ("languages-differ", (("<value>BE<", "<value>FR<"),)),
    "no info": ("info-missing", ()),
    "a demonstration in earnest": (
        "actual-demonstration",
        (("<sender>alerts@", "<sender>demonstration@"),),
    ),
    "an address that is none": (
        "web-address",
        (("<web>https://ews.example.be/alerts/2026-0001<", "<web>/alerts/2026-0001<"),),
    ),
    "a polygon of three points": ("polygon", (area("<polygon>50,4 51,4 50,4</polygon>"),)),
    "a polygon that does not close": (
        "polygon",
        (area("<polygon>50,4 51,4 51,5 50,5</polygon>"),),
    ),
    "a polygon off the globe": ("polygon", (area("<polygon>95,4 51,4 51,5 95,4</polygon>"),)),
    "a circle without a radius": ("circle", (area("<circle>50,4</circle>"),)),
    "an empty geocode": (
        "pair-empty",
        (("<geocode><valueName>NUTS<", "<geocode><valueName><"),),
    ),
}
REFUSED_BY_SHAPE: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "Z instead of an offset": ("time", (("T10:00:00+01:00</sent>", "T10:00:00Z</sent>"),)),
    "an offset that no place has": (
        "time",
        (("T10:00:00+01:00</sent>", "T10:00:00+14:30</sent>"),),
    ),
    "a day that does not exist": ("time", (("<sent>2026-11-22", "<sent>2026-02-30"),)),
    "a status of our own": ("value", (("<status>Actual<", "<status>Real<"),)),
    "no sender": ("missing", (("<sender>alerts@ews.example.be</sender>", ""),)),
    "two senders": ("repeated", (("<sender>", "<sender>a@b.be</sender><sender>"),)),
    "another order": (
        "order",
        (
            ("<scope>Public</scope>", ""),
            ("<incidents>", "<incidents>1</incidents><scope>Public</scope><incidents>"),
        ),
    ),
    "an element of our own": ("unknown-element", (("<scope>", "<colour>red</colour><scope>"),)),
    "text between elements": ("stray-text", (("<scope>", "hello<scope>"),)),
    "an attribute": ("attribute", (("<scope>", '<scope kind="x">'),)),
    "elements where a text belongs": ("not-text", (("<sender>", "<sender><b>x</b>"),)),
    "a language that is none": ("value", (("<language>fr-BE<", "<language>français<"),)),
    "another version": ("not-cap", (("cap:1.2", "cap:1.1"),)),
}


def broken(pairs: tuple[tuple[str, str], ...], name: str) -> bytes:
    content = unsigned(told=()) if name == "no info" else unsigned()
    return changed(content, *pairs)


def schema() -> etree.XMLSchema:
    """Give the schema of OASIS, which is not part of the program."""
    return etree.XMLSchema(etree.parse(shared_data("cap", "CAP-v1.2.xsd")))


def test_a_message_of_ours_is_in_order_and_fits_the_schema() -> None:
    assert check(unsigned()).remarks == ()
    assert schema().validate(etree.fromstring(unsigned()))


@pytest.mark.parametrize("name", REFUSED_BY_RULES)
def test_what_the_schema_lets_pass_is_refused_with_words_and_a_place(name: str) -> None:
    rule, pairs = REFUSED_BY_RULES[name]
    report = check(broken(pairs, name))
    assert report.is_cap and not report.is_in_order
    assert rule in report.rules
    found = next(one for one in report.remarks if one.rule == rule)
    assert found.grade is Grade.ERROR and found.place.startswith("alert")
    for language in LANGUAGES:
        assert say(found.message, language)


@pytest.mark.parametrize("name", REFUSED_BY_RULES)
def test_the_schema_alone_would_have_let_it_pass(name: str) -> None:
    _rule, pairs = REFUSED_BY_RULES[name]
    assert schema().validate(etree.fromstring(broken(pairs, name)))


@pytest.mark.parametrize("name", REFUSED_BY_SHAPE)
def test_what_is_no_cap_is_refused_without_the_schema_beside_it(name: str) -> None:
    rule, pairs = REFUSED_BY_SHAPE[name]
    report = check(broken(pairs, name))
    assert not report.is_cap and rule in report.rules
    assert all(one.grade is Grade.BROKEN for one in report.remarks)


@pytest.mark.parametrize("name", REFUSED_BY_SHAPE)
def test_the_schema_refuses_the_same(name: str) -> None:
    _rule, pairs = REFUSED_BY_SHAPE[name]
    assert not schema().validate(etree.fromstring(broken(pairs, name)))


@pytest.mark.parametrize(
    "name", ["cap_amber_alert_example", "sample_1", "sample_1_signed", "sample_2", "sample_3"]
)
def test_messages_of_others_are_in_order(name: str) -> None:
    assert check(shared_data("cap", f"{name}.xml").read_bytes()).is_in_order


DANGEROUS = {
    "entities": b'<!DOCTYPE a [<!ENTITY x "boom">]><alert>&x;</alert>',
    "a file of the server": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "a document type": b"<!DOCTYPE alert><alert/>",
    "a thousand laughs": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><alert>&c;&c;&c;</alert>',
    "nothing": b"",
    "spaces": b"   ",
    "half a message": unsigned()[:500],
    "very deep": b"<a>" * 5000 + b"</a>" * 5000,
    "very many": b"<a>" + b"<b/>" * 50_000 + b"</a>",
    "very large": b"<a>" + b"x" * 1_000_001 + b"</a>",
    "no XML": b"%PDF-1.7 \x00\xff",
}


@pytest.mark.parametrize("name", DANGEROUS)
def test_a_dangerous_file_is_refused_in_words(name: str) -> None:
    report = check(DANGEROUS[name])
    assert not report.is_cap and report.rules == ["unreadable"]
    assert "boom" not in str(report) and "root:" not in str(report)


def test_a_comment_does_not_cut_a_value_in_two() -> None:
    content = changed(unsigned(), ("alerts@ews.example.be<", "alerts@ews<!-- x -->.example.be<"))
    report = check(content)
    assert report.message is not None and report.message.sender == "alerts@ews.example.be"


@pytest.fixture(scope="module", autouse=True)
def signed_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    global SIGNED
    SIGNED, _seal = signed(tmp_path_factory.mktemp("seal"))


SIGNED = b""


@given(st.binary(max_size=400))
def test_any_bytes_get_words_and_never_a_traceback(content: bytes) -> None:
    assert not check(content).is_cap


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=6), st.integers(0, 40))
def test_any_damage_gets_words_and_never_a_traceback(at: int, put: bytes, over: int) -> None:
    content = SIGNED[:at] + put + SIGNED[at + over :]
    report = check(content)
    for one in report.remarks:
        assert str(one.message)


@given(
    st.dictionaries(
        st.sampled_from(["sent", "expires", "polygon", "circle", "references", "web", "ceiling"]),
        st.text(max_size=60),
    )
)
def test_any_value_gets_words_and_never_a_traceback(values: dict[str, str]) -> None:
    root = etree.fromstring(unsigned())
    for name, value in values.items():
        for one in root.iter(f"{{*}}{name}"):
            one.text = "".join(c for c in value if c >= " " and c.isprintable())
    check(etree.tostring(root))
