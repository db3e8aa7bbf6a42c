"""The command-line door: a unit of work, and refusals as a sentence on stderr and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refusal
from lims.foundation.settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

EXIT = {NotPermitted: 3, NotFound: 4, Invalid: 2}
REFUSED = 5


class LazyGroup(click.Group):
    """A group whose commands are imported only when they are asked for."""

    def __init__(
        self, *args: Any, lazy: dict[str, tuple[str, str]] | None = None, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.lazy:
            module, _space, name = self.lazy[cmd_name][0].partition(":")
            found: click.Command = getattr(import_module(module), name)
            return found
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self.lazy[name][1]) for name in self.list_commands(ctx) if name in self.lazy]
        for name in super().list_commands(ctx):
            command = super().get_command(ctx, name)
            if command is not None:
                rows.append((name, command.get_short_help_str(80)))
        with formatter.section("Commands"):
            formatter.write_dl(sorted(rows))


def settings() -> Settings:
    """Return the settings, or stop with a sentence."""
    try:
        return read_settings()
    except (ValueError, OSError) as wrong:
        stop(str(wrong), 2)


def engine_of(found: Settings) -> Engine:
    """Return the engine of the configured database; the data folder is made when absent."""
    from lims.foundation.database import make_engine  # `lims --help` needs no database

    found.data_dir.mkdir(parents=True, exist_ok=True)
    return make_engine(found.database)


@contextmanager
def unit_of_work(*, reading: bool = False) -> Iterator[Session]:
    """Open a session on the configured database, commit at the end, say refusals and stop."""
    from lims.foundation.database import open_session

    engine = engine_of(settings())
    session = open_session(engine, reading=reading)
    try:
        yield session
        session.commit()
    except Refusal as refusal:
        session.rollback()
        say_refusal(refusal)
    finally:
        session.close()
        engine.dispose()


def say_refusal(refusal: Refusal) -> NoReturn:
    """Write a refusal to stderr and stop with its exit code."""
    lines = [str(refusal.message)]
    if isinstance(refusal, Invalid):
        lines += [f"  {wrong.field}: {wrong.message}" for wrong in refusal.problems]
    stop("\n".join(lines), EXIT.get(type(refusal), REFUSED))


def stop(sentence: str, code: int) -> NoReturn:
    """Write a sentence to stderr and end the program with a code."""
    click.echo(sentence, err=True)
    sys.exit(code)
