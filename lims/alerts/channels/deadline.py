"""An end to a conversation with another machine, however slowly that machine answers.

A timeout of a socket begins anew with every byte; this one does not.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Deadline:
    """Ends the connection that it watches when the time is over."""

    def __init__(self) -> None:
        self._watched: socket.socket | None = None
        self._lock = threading.Lock()
        self._over = False

    def watch(self, connection: socket.socket | None) -> None:
        """Watch this connection from now on; one that comes too late is ended at once."""
        with self._lock:
            self._watched = connection
            over = self._over
        if over:
            self.end()

    def end(self) -> None:
        """End the connection; whoever reads from it sees its end."""
        with self._lock:
            self._over, watched = True, self._watched
        if watched is not None:
            with suppress(OSError, ValueError):
                # Not the method of an encrypted socket, which would go on in clear.
                socket.socket.shutdown(watched, socket.SHUT_RDWR)


@contextmanager
def within(seconds: float) -> Iterator[Deadline]:
    """Give a deadline so many seconds from now."""
    deadline = Deadline()
    timer = threading.Timer(seconds, deadline.end)
    timer.daemon = True
    timer.start()
    try:
        yield deadline
    finally:
        timer.cancel()
