"""The machine door describes itself truly, and no nonsense brings it down."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import Session

from tests.makers import Network, everything_headers

EXAMPLES = 10
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def test_the_description_is_valid_openapi(app: Any) -> None:
    described = app.test_client().get("/api/openapi.json").json
    assert described["openapi"].startswith("3.1")
    validate(described)


def test_every_endpoint_says_what_it_does(app: Any) -> None:
    described = app.test_client().get("/api/openapi.json").json
    silent = [
        f"{method} {path}"
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method != "parameters" and not operation.get("summary")
    ]
    assert not silent


def test_nonsense_is_refused_in_words_and_never_breaks_the_server(
    app: Any, session: Session, network: Network
) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    headers = everything_headers(session)
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    wrong: list[str] = []
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def try_one(case: Case) -> None:
            case.validate_response(case.call(headers=headers), checks=CHECKS)

        try:
            try_one()
        except (Exception, BaseExceptionGroup) as failure:
            wrong.append(f"{operation.label}: {failure}"[:1500])
    assert not wrong, "\n\n".join(wrong)
