from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.app import MOST_ENTRIES_UNFOLDED
from lims.navigation import WAYS
from tests.makers import Network, log_in_client

LINES_AT_ONE_GLANCE = 12


def menu_of(app: Any, session: Session, account: str, address: str = "/start") -> str:
    page = log_in_client(app, session, account).get(f"{address}?lang=en").text
    found = re.search(r'<nav class="nav".*?</nav>', page, re.DOTALL)
    assert found
    return found.group()


@pytest.mark.parametrize("account", ["worker", "chemist", "head", "coordinator", "administrator"])
def test_the_menu_of_a_duty_is_read_at_one_glance(
    app: Any, session: Session, network: Network, account: str
) -> None:
    menu = menu_of(app, session, account)
    unfolded = re.sub(r"<details.*?</details>", "", menu, flags=re.DOTALL)
    lines = unfolded.count("<a ") + menu.count("<summary")
    assert 1 < lines <= LINES_AT_ONE_GLANCE


def test_folding_the_menu_hides_no_page_from_who_may_open_it(
    app: Any, session: Session, network: Network
) -> None:
    actor = network.coordinator
    mine = [way for way in WAYS if way.permission is None or actor.may(way.permission)]
    assert len(mine) > MOST_ENTRIES_UNFOLDED
    menu = menu_of(app, session, "coordinator")
    with app.test_request_context():
        urls = [app.url_for(way.endpoint) for way in mine]
    assert [url for url in urls if f'href="{url}"' not in menu] == []


def test_the_group_of_the_page_that_is_open_stands_open(
    app: Any, session: Session, network: Network
) -> None:
    assert "<details open" not in menu_of(app, session, "coordinator").replace(
        ' class="only-l"', ""
    )
    menu = menu_of(app, session, "coordinator", "/indicators").replace(' class="only-l"', "")
    assert menu.count("<details open") == 1
    opened = menu.split("<details open")[1].split("</details>")[0]
    assert 'aria-current="page"' in opened and 'href="/indicators"' in opened
