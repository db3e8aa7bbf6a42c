"""`lims bench search`: how long a search takes beside other programs, in one run."""

from __future__ import annotations

import json
from typing import Any

import click

from lims.doors import terminal
from lims.identification import search_timing


@click.command("search")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--queries", type=click.IntRange(min=3), default=200, help="Queries of our own.")
@click.option("--no-peers", is_flag=True, help="Measure our own search alone.")
def search(as_json: bool, queries: int, no_peers: bool) -> None:
    """Measure searching on synthetic libraries, beside matchms, FlashEntropy and plain numpy."""
    data_dir = terminal.settings().data_dir
    found = search_timing.search_figures(data_dir, queries=queries, peers=not no_peers)
    click.echo(json.dumps(found, indent=2) if as_json else _in_words(found))


def _in_words(found: dict[str, Any]) -> str:
    lines = [found["data"]]
    for name in ("ei_10000", "ei_350000", "ir_10000"):
        one = found[name]
        lines.append(
            f"{name}: {one['ms_per_query']} ms a query (95 % below {one['ms_p95']}),"
            f" built in {one['build_s']} s, {one['memory_mb']} MB"
        )
        for peer in ("numpy", "flash_entropy", "matchms"):
            theirs = one.get(f"{peer}_ms_per_query")
            why = one.get(f"{peer}_reason", "not measured")
            lines.append(f"  {peer}: {f'{theirs} ms' if theirs is not None else why}")
    return "\n".join(lines)
