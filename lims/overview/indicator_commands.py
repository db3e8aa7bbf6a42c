"""The indicators at the command line."""

from __future__ import annotations

import json
from datetime import date

import click

from lims.doors import terminal
from lims.foundation import clock
from lims.foundation.words import LANGUAGES
from lims.intake.rules import day_in_belgium
from lims.network.queries import OPERATOR
from lims.overview import indicator_periods, indicator_told, indicator_words, indicators


@click.command("indicators")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="a day of the first week")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="a day of the last week")
@click.option("--period", default="", help="a half-year such as 2026-1, or a year such as 2026")
@click.option("--language", type=click.Choice(LANGUAGES), default="en")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def indicators_command(
    first: date | None, last: date | None, period: str, language: str, as_json: bool
) -> None:
    """Count the plan's own indicators for a period: this half-year unless said."""
    with terminal.unit_of_work(reading=True) as session:
        days = [None if one is None else _day(one) for one in (first, last)]
        today = day_in_belgium(clock.now())
        chosen = indicator_periods.chosen(period, days[0], days[1], today)
        board = indicators.board(session, OPERATOR, chosen)
    if as_json:
        told = indicator_told.told_board(board, language)
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(f"{board.period.first} – {board.period.last}")
    for row in board.rows:
        figure = row.now.figure
        value = indicator_words.value_words(figure, language)
        beside = "; ".join(indicator_words.stands_on(figure, language))
        click.echo(f"{row.definition.title[language]:<48} {value:>16}  {beside}".rstrip())


def _day(told: date) -> date:
    return date(told.year, told.month, told.day)
