"""The staff application in a process of its own that dies, after writing and before answering.

`python -m tests.browser.mortal_server PORT FILE`: the file holds after how many sealed records the
process kills itself; without the file it lives.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.serving import run_simple

CHECKOUT = Path(__file__).resolve().parents[2]


class Mortal:
    """WSGI middleware: the record is written, the process is gone."""

    def __init__(self, application: Any, left: int) -> None:
        self.application = application
        self.left = left

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        told: list[str] = []

        def started(status: str, *given: Any) -> Any:
            told.append(status)
            return start(status, *given)

        body = list(self.application(environ, started))
        if environ["PATH_INFO"].startswith("/table/outbox") and told[0].startswith("201"):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return body


def begun(port: int, deadline: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Begin such a process; whoever begins it ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.browser.mortal_server", str(port), str(deadline)],
        cwd=CHECKOUT,
        env={**os.environ, **environment, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main() -> None:
    """Serve until the end."""
    from lims.app import make_app
    from lims.foundation.settings import read_settings
    from tests.browser.faults import Faults

    port, deadline = int(sys.argv[1]), Path(sys.argv[2])
    left = int(deadline.read_text()) if deadline.exists() else -1
    application = Faults(Mortal(make_app(read_settings()), left))
    run_simple("127.0.0.1", port, application, threaded=True)


if __name__ == "__main__":
    main()
