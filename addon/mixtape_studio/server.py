"""``serve``: the HTTP server and, beside it, the supervised worker; both end within seconds when told to."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from mixtape_studio.app import create_app
from mixtape_studio.auth import Tokens
from mixtape_studio.errors import StartupError
from mixtape_studio.jobs.feed import EventFeed
from mixtape_studio.jobs.lock import take_lock
from mixtape_studio.jobs.supervisor import Supervisor
from mixtape_studio.settings import Settings
from mixtape_studio.storage.database import check_file, open_database

log = structlog.get_logger()

GRACE = 2
"""Seconds that a running request gets at the end."""
LOCK_WAIT = 5.0


class _Server(uvicorn.Server):
    """Ends on SIGINT and SIGTERM like any program, with its clean-up; uvicorn alone would raise them once more."""

    def __init__(self, config: uvicorn.Config, feed: Callable[[], EventFeed | None]) -> None:
        super().__init__(config)
        self._feed = feed

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM)
        for number in numbers:
            loop.add_signal_handler(number, self._told_to_end)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _told_to_end(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
        # Streams of events never end by themselves; without this the server would wait out its grace for each.
        feed = self._feed()
        if feed is not None:
            feed.close()


def _listen(settings: Settings) -> socket.socket:
    """Raise `StartupError` where the port is taken, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        message = f"{settings.host}:{settings.port} cannot be used ({error.strerror}). Choose another MIXTAPE_PORT or MIXTAPE_HOST."
        raise StartupError(message) from error
    return listener


def _show(token: str) -> None:
    sys.stdout.write(f"Token (shown once): {token}\n")
    sys.stdout.flush()


def _prepare(settings: Settings) -> None:
    """Refuse damaged databases before anything runs, and make the first token."""
    check_file(settings.jobs_database)
    database = open_database(settings.database)
    try:
        tokens = Tokens(database)
        if not tokens.any():
            tokens.create("first start", show=_show)
    finally:
        database.close()


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. A `StartupError` tells what to do; then nothing was started."""
    settings.data.mkdir(parents=True, exist_ok=True)
    lock = take_lock(settings.data / "studio.lock", LOCK_WAIT)
    _prepare(settings)
    listener = _listen(settings)
    host, port = listener.getsockname()[:2]
    app = create_app(settings.model_copy(update={"port": port}))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE,
        server_header=False,
    )
    server = _Server(config, lambda: getattr(app.state, "feed", None))
    supervisor = Supervisor(settings)
    supervisor.start()
    sys.stdout.write(f"Mixtape studio on http://{host}:{port}\n")
    sys.stdout.flush()
    try:
        await server.serve(sockets=[listener])
    except SystemExit as error:  # uvicorn's way to tell that the application did not start
        message = "The HTTP server did not start; the lines above tell why."
        raise StartupError(message) from error
    finally:
        supervisor.stop()
        lock.close()
