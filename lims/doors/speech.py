"""Jinja in three languages: gettext from our catalogues, numbers, days and moments."""

from __future__ import annotations

from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from lims.doors.browser import language
from lims.foundation import words
from lims.foundation.codes import shown


def teach(app: Flask) -> None:
    """Give the templates their words and filters."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: words.say(text, language()),
        lambda one, many, n: words.say(one if n == 1 else many, language()),
        newstyle=True,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        {
            "say": lambda text: words.say(text, language()) if text else "",
            "number": lambda value: "" if value is None else words.number(value, language()),
            "unit": lambda value, unit: (
                "" if value is None else words.with_unit(value, unit, language())
            ),
            "day": lambda value: "" if value is None else words.day(value, language()),
            "moment": lambda value: "" if value is None else words.moment(value, language()),
            "code": lambda value: shown(value) if value else "",
            "paragraphs": paragraphs,
        }
    )
    app.jinja_env.globals["message"] = words.Message


def paragraphs(text: str) -> Markup:
    """Return plain text as HTML paragraphs, everything escaped."""
    parts = [part.strip() for part in str(text).replace("\r\n", "\n").split("\n\n")]
    written: list[Any] = [
        Markup("<p>")
        + Markup("<br>").join(escape(line) for line in part.split("\n"))
        + Markup("</p>")
        for part in parts
        if part
    ]
    return Markup("\n").join(written)
