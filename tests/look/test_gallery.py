"""Every macro and layout renders, says its words, and names only icons and classes that exist."""

import re
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from lims.foundation.shipped import shipped
from tests.look.pages import ACTOR, environment, page

STATIC = shipped("static")
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
CLASSES = set(re.findall(r"\.([a-zA-Z][\w-]*)", (STATIC / "css" / "balise.css").read_text()))
# Named in the palette but without a colour of their own.
WITHOUT_STYLE = {"sw-none", "nil"}

REFUSED = {
    "code": 422,
    "title": "Some answers need another look.",
    "message": "The mass is missing.",
    "advice": "Go back and try again.",
    "problems": {"mass": "The mass is missing."},
    "back_url": "/samples/1",
    "reference": "F-12",
}
PAGES = {
    "gallery": ("gallery.html", {}),
    "start": ("layout.html", {"title": "Signals", "flashes": [{"message": "Saved.", "kind": ""}]}),
    "log in": ("plain.html", {"title": "Log in", "actor": None, "demonstration": False}),
    "public": ("public.html", {"title": "MDMA 200 mg"}),
    "stale": (
        "stale.html",
        {
            "kept": [("sold_as", "MDMA"), ("samples-0-mass", "204,5"), ("notes", '<b>"x"</b>')],
            "action": "/samples/1",
            "row_version": 4,
            "changed_by": "B. Voorbeeld",
            "changed_at": None,
        },
    ),
    "problem": ("problem.html", REFUSED),
    "problem before one is somebody": ("problem.html", {**REFUSED, "actor": None}),
    "public problem": ("problem.html", {**REFUSED, "public": True, "actor": None}),
}


class Read(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for _tag, attrs in self.tags if attribute in attrs]


@pytest.fixture(params=PAGES, ids=str)
def shown(request: pytest.FixtureRequest) -> Read:
    template, values = PAGES[request.param]
    return Read(page(template, **values))


def test_a_page_has_no_inline_script_or_style(shown: Read) -> None:
    assert shown.values("style") == []
    assert all(attrs.get("src") for tag, attrs in shown.tags if tag == "script")
    assert "style" not in {tag for tag, _attrs in shown.tags}
    assert not [name for _tag, attrs in shown.tags for name in attrs if name.startswith("on")]


def test_a_page_names_only_icons_that_are_drawn(shown: Read) -> None:
    used = [attrs["href"] or "" for tag, attrs in shown.tags if tag == "use"]
    assert used
    assert {name.rpartition("#")[0] for name in used} == {"/static/icons.svg"}
    assert {name.rpartition("#")[2] for name in used} <= ICONS


def test_a_page_uses_only_classes_that_the_style_sheet_knows(shown: Read) -> None:
    used = {name for value in shown.values("class") for name in value.split()}
    assert used <= CLASSES | WITHOUT_STYLE


def test_every_id_is_unique_and_every_reference_meets_one(shown: Read) -> None:
    ids = shown.values("id")
    assert len(ids) == len(set(ids))
    named = [n for a in ("aria-describedby", "aria-labelledby", "for") for n in shown.values(a)]
    assert {one for value in named for one in value.split()} <= set(ids)
    inside = {link[1:] for link in shown.values("href") if link.startswith("#f-")}
    assert inside <= set(ids)


def test_every_control_has_a_name_for_the_ear(shown: Read) -> None:
    labelled = set(shown.values("for"))
    for tag, attrs in shown.tags:
        if tag in ("select", "textarea") or (
            tag == "input" and attrs.get("type") not in ("hidden", "radio", "checkbox")
        ):
            assert attrs["id"] in labelled


def test_a_page_loads_nothing_from_elsewhere(shown: Read) -> None:
    for address in [*shown.values("src"), *shown.values("href")]:
        assert not re.match(r"(https?:)?//", address)
        if address.startswith("/static/"):
            name = address.removeprefix("/static/").partition("#")[0]
            assert (STATIC / name).is_file(), name


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_level_words_are_those_of_the_network(language: str) -> None:
    words = {
        "fr": ["Neutre", "Information", "Attention", "Danger", "Alerte rouge"],
        "nl": ["Neutraal", "Informatie", "Opgelet", "Gevaar", "Rode alert"],
    }[language]
    ui = environment(language).get_template("macros/ui.html").module
    levels = ("neutral", "information", "caution", "warning", "red")
    for level, word in zip(levels, words, strict=True):
        said = str(ui.level(level))  # type: ignore[attr-defined]
        assert word in said and f"#i-lv-{level}" in said


def test_a_level_or_answer_that_is_not_known_is_not_shown_as_something_else() -> None:
    ui = environment("en", strict=True).get_template("macros/ui.html").module
    for say in (ui.level, ui.answer, ui.match):  # type: ignore[attr-defined]
        with pytest.raises(Exception, match=r"undefined|no attribute"):
            say("harmless")


def test_four_answers_have_four_signs() -> None:
    ui = environment("en").get_template("macros/ui.html").module
    signs = {
        kind: re.findall(r"#i-([\w-]+)", str(ui.answer(kind)))[0]  # type: ignore[attr-defined]
        for kind in ("found", "below_loq", "not_detected", "not_looked_for")
    }
    assert len(set(signs.values())) == 4


def test_what_was_typed_comes_back_escaped() -> None:
    ui = environment("en").get_template("macros/ui.html").module
    typed = '"><script>alert(1)</script>'
    shown = str(ui.field("x", "X", typed)) + str(ui.textarea_field("y", "Y", typed))  # type: ignore[attr-defined]
    assert "<script>" not in shown
    assert Markup.escape(typed) in shown


def test_a_password_is_never_sent_back() -> None:
    ui = environment("en").get_template("macros/ui.html").module
    assert "secret" not in str(ui.field("password", "P", "secret", type="password"))  # type: ignore[attr-defined]


def test_the_title_of_a_public_page_tells_nothing() -> None:
    for template in ("public.html", "problem.html"):
        text = page(template, title="MDMA", code=404, public=True, actor=None)
        assert "<title>Balise</title>" in text


def test_a_refusal_is_told_in_its_own_words() -> None:
    for public in (False, True):
        text = page("problem.html", **REFUSED, public=public)
        assert "<h1>Some answers need another look.</h1>" in text
        assert "The mass is missing." in text and "Go back and try again." in text


def test_a_stale_page_keeps_everything_that_was_typed() -> None:
    template, values = PAGES["stale"]
    shown = Read(page(template, **values))
    sent = {a.get("name"): a.get("value") for t, a in shown.tags if t == "input"}
    assert {name: sent[name] for name, _value in values["kept"]} == dict(values["kept"])  # type: ignore[index,misc,has-type,attr-defined]
    assert sent["row_version"] == "4"
    assert "csrf_token" in sent


def test_logging_out_is_a_form_with_a_token() -> None:
    shown = Read(page("layout.html", actor=ACTOR))
    forms = [attrs for tag, attrs in shown.tags if tag == "form"]
    assert forms == [{"method": "post", "action": "/logout"}]
    assert "csrf_token" in shown.values("name")
