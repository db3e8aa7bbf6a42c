"""Follows the links of an application from its first page, as one account after another."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

from werkzeug.exceptions import HTTPException

MOST_OF_A_PATTERN = 4
"""How many addresses of one pattern are opened by one account."""


@dataclass
class Visited:
    """What an account found: the pages by pattern, and the links that lead nowhere."""

    pages: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


class Links(HTMLParser):
    """Collects where a page leads by links and by the forms that only ask."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.found.append(str(given["href"]))
        if tag == "form" and given.get("method", "get") == "get" and given.get("action"):
            self.found.append(str(given["action"]))


def links_of(page: str, here: str) -> list[str]:
    """Return the addresses inside the application that a page links to, in no language."""
    parser = Links()
    parser.feed(page)
    inside = []
    for link in parser.found:
        parts = urlsplit(urldefrag(urljoin(here, link)).url)
        asked = [pair for pair in parse_qsl(parts.query) if pair[0] != "lang"]
        if not parts.scheme and not parts.netloc and not parts.path.startswith("/static/"):
            inside.append(parts.path + (f"?{urlencode(asked)}" if asked else ""))
    return list(dict.fromkeys(inside))


def pattern_of(app: Any, address: str) -> str:
    """Return the pattern of an address, with the names of what it asks; empty when unknown."""
    parts = urlsplit(address)
    try:
        rule, _values = app.url_map.bind("localhost").match(parts.path, "GET", return_rule=True)
    except HTTPException:
        return ""
    asked = sorted({name for name, _value in parse_qsl(parts.query)} - {"page"})
    return str(rule.rule) + (f"?{'&'.join(asked)}" if asked else "")


def crawl(app: Any, client: Any, start: str = "/") -> Visited:
    """Open a page, then what it links to, a few of each pattern; nothing is sent."""
    visited, opened = Visited(), Counter[str]()
    waiting, known = deque([(start, "the start")]), {start}
    while waiting:
        address, origin = waiting.popleft()
        pattern = pattern_of(app, address)
        opened[pattern] += 1
        if opened[pattern] > MOST_OF_A_PATTERN:
            continue
        answer = client.get(address, headers={"Accept-Language": "fr"})
        if answer.status_code in {301, 302, 303, 308}:
            following = [answer.headers["Location"]]
        elif answer.status_code != 200 or not pattern:
            visited.broken.append(f"{answer.status_code} {address} <- {origin}")
            continue
        else:
            is_page = answer.mimetype == "text/html"
            if is_page:
                size = len(answer.data)
                visited.pages.setdefault(pattern.partition("?")[0], []).append((address, size))
            following = links_of(answer.get_data(as_text=True), address) if is_page else []
        for link in following:
            if link not in known:
                known.add(link)
                waiting.append((link, address))
    return visited
