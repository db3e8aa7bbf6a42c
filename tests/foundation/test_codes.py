import contextlib
import itertools
import string
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation import codes
from lims.foundation.errors import Invalid

CODES = [codes.new_code() for _ in range(40)]
TICKETS = [codes.new_ticket() for _ in range(10)]


def words(refused: pytest.ExceptionInfo[Invalid]) -> str:
    return str(refused.value.problems[0].message)


def test_a_new_code_is_eight_characters_of_the_alphabet_and_reads_back():
    for code in CODES:
        assert len(code) == 8 and set(code) <= set(codes.ALPHABET)
        assert codes.read_code(codes.shown(code)) == code


def test_new_codes_differ_and_use_the_whole_alphabet():
    many = [codes.new_code() for _ in range(2000)]
    assert len(set(many)) == len(many)
    assert set("".join(many)) == set(codes.ALPHABET)


def test_exactly_one_check_character_completes_seven_others():
    seven = CODES[0][:7]
    accepted = []
    for last in codes.ALPHABET:
        with contextlib.suppress(Invalid):
            accepted.append(codes.read_code(seven + last))
    assert accepted == [seven + codes.check_character(seven)]


# Both weighted sums of a code are linear: what an error adds to them depends on its place and on
# the two characters alone, never on the others. So one code for each place and each pair of
# characters is every code there is; other surroundings show that the others indeed do not matter.
SURROUNDINGS = range(2)


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
@pytest.mark.parametrize("place", range(codes.LENGTH))
def test_every_wrong_character_at_every_place_is_caught(place: int, surrounding: int):
    for right, wrong in itertools.permutations(codes.ALPHABET, 2):
        whole = completed(((place, right),), surrounding)
        assert codes.read_code(whole) == whole
        assert_refused(whole[:place] + wrong + whole[place + 1 :])


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
@pytest.mark.parametrize("place", range(codes.LENGTH - 1))
def test_every_swap_of_two_different_neighbours_at_every_place_is_caught(
    place: int, surrounding: int
):
    for one, other in itertools.permutations(codes.ALPHABET, 2):
        whole = completed(((place, one), (place + 1, other)), surrounding)
        assert codes.read_code(whole) == whole
        assert_refused(whole[:place] + other + one + whole[place + 2 :])


def assert_refused(code: str) -> None:
    with pytest.raises(Invalid):
        codes.read_code(code)


@cache
def completed(given: tuple[tuple[int, str], ...], surrounding: int) -> str:
    """Return the whole code with these characters at these places, the others nearly as given."""
    fixed = dict(given)
    around = codes.ALPHABET[surrounding * 8 : surrounding * 8 + 8]
    seven = [fixed.get(place, around[place]) for place in range(codes.LENGTH - 1)]
    last = codes.LENGTH - 1
    if last not in fixed:
        return "".join(seven) + codes.check_character("".join(seven))
    free = next(place for place in range(last) if place not in fixed)
    for character in codes.ALPHABET:
        seven[free] = character
        if codes.check_character("".join(seven)) == fixed[last]:
            return "".join(seven) + fixed[last]
    raise AssertionError("no character completes this code")


NOISE = st.text(alphabet=" -\t\u00a0\u2009\u202f\u2010\u2013\u2014\u2212\u200b\ufeff_", max_size=3)


@given(st.lists(NOISE, min_size=9, max_size=9), st.booleans(), st.booleans())
def test_spaces_dashes_case_and_full_width_do_not_matter(noise, lower, wide):
    code = CODES[0]
    typed = code.lower() if lower else code
    if wide:
        typed = "".join(chr(ord(character) + 0xFEE0) for character in typed)
    typed = "".join(part for pair in zip(noise, [*typed, ""], strict=True) for part in pair)
    assert codes.read_code(typed) == code


@given(st.text(max_size=100))
def test_any_text_is_a_whole_code_or_is_refused_on_its_field(text):
    try:
        code = codes.read_code(text)
    except Invalid as refused:
        assert refused.problems[0].field == "code" and str(refused.problems[0].message)
    else:
        assert codes.check_character(code[:7]) == code[7]


def test_the_three_refusals_say_what_is_wrong():
    with pytest.raises(Invalid) as refused:
        codes.read_code("BCDF")
    assert "8 characters, not 4" in words(refused)
    with pytest.raises(Invalid) as refused:
        codes.read_code("BCDF-GHJO")
    assert "“O”" in words(refused)
    code = CODES[0]
    wrong = next(character for character in codes.ALPHABET if character != code[7])
    with pytest.raises(Invalid) as refused:
        codes.read_code(code[:7] + wrong)
    assert "last character" in words(refused)


def test_ten_megabytes_of_text_are_refused_without_being_read():
    with pytest.raises(Invalid):
        codes.read_code("B" * 10_000_000)


def test_a_ticket_reads_back_from_its_shown_form_in_any_case():
    for ticket in TICKETS:
        assert codes.read_ticket(codes.shown_ticket(ticket).lower()) == ticket
        assert (len(ticket.selector), len(ticket.secret), len(ticket.check)) == (5, 10, 1)


def test_letters_that_look_like_digits_are_read_as_digits_on_a_ticket():
    for ticket in (codes.new_ticket() for _ in range(200)):
        typed = codes.shown_ticket(ticket).replace("1", "l").replace("0", "o")
        assert codes.read_ticket(typed) == ticket


@pytest.mark.parametrize("ticket", TICKETS[:1], ids=("ticket",))
@pytest.mark.parametrize("place", range(codes.TICKET_LENGTH))
def test_every_wrong_character_at_every_place_of_a_ticket_is_caught(place: int, ticket):
    for right, wrong in itertools.permutations(codes.TICKET_ALPHABET, 2):
        whole = completed_ticket(((place, right),), ticket)
        assert_no_ticket(whole[:place] + wrong + whole[place + 1 :])


@pytest.mark.parametrize("ticket", TICKETS[:1], ids=("ticket",))
@pytest.mark.parametrize("place", range(codes.TICKET_LENGTH - 1))
def test_every_swap_of_two_different_neighbours_of_a_ticket_is_caught(place: int, ticket):
    for one, other in itertools.combinations(codes.TICKET_ALPHABET, 2):
        whole = completed_ticket(((place, one), (place + 1, other)), ticket)
        assert_no_ticket(whole[:place] + other + one + whole[place + 2 :])


def assert_no_ticket(text: str) -> None:
    with pytest.raises(Invalid):
        codes.read_ticket(text)


@cache
def completed_ticket(given: tuple[tuple[int, str], ...], ticket: codes.Ticket) -> str:
    """Return the ticket with these characters at these places, whole by one other character."""
    fixed = dict(given)
    plain = codes.shown_ticket(ticket).replace("-", "")
    characters = [fixed.get(place, one) for place, one in enumerate(plain)]
    last = codes.TICKET_LENGTH - 1
    free = last if last not in fixed else 0
    for character in codes.TICKET_ALPHABET:
        characters[free] = character
        with contextlib.suppress(Invalid):
            codes.read_ticket("".join(characters))
            return "".join(characters)
    raise AssertionError("no character completes this ticket")


def test_a_ticket_does_not_show_its_secret_when_printed_in_a_message():
    ticket = TICKETS[0]
    assert ticket.secret not in repr(ticket) and ticket.secret not in str(ticket)


def test_a_letter_no_ticket_has_is_named():
    with pytest.raises(Invalid) as refused:
        codes.read_ticket("U" + string.digits)
    assert "“U”" in words(refused)


@pytest.mark.parametrize("turned", ["AZ?éè!çP", "K7QD\"X'4", "K7QD)§X4B", "k7qd3xm&", "É\"'(§È!Ç"])
def test_a_code_that_another_keyboard_turned_is_refused_with_the_reason(turned: str):
    with pytest.raises(Invalid) as refusal:
        codes.read_code(turned)
    assert "AZERTY" in str(refusal.value.problems[0].message)
