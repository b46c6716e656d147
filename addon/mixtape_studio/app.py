"""The HTTP application, made by a factory: it owns no process and starts none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from mixtape_studio import __version__, auth, problems
from mixtape_studio.announce import announced
from mixtape_studio.body_limit import BodyLimit
from mixtape_studio.jobs.feed import EventFeed
from mixtape_studio.jobs.table import JobTable
from mixtape_studio.routes import engines, events, jobs, system, takes
from mixtape_studio.settings import Settings
from mixtape_studio.storage.artifacts import Artifacts
from mixtape_studio.storage.database import ChangeWatch, open_database


def create_app(settings: Settings) -> FastAPI:
    """The database is opened when the application starts, not here."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = open_database(settings.database)
        watch = ChangeWatch(settings.database)
        app.state.settings = settings
        app.state.tokens = auth.Tokens(database)
        app.state.studio_id = auth.studio_id(database)
        app.state.table = JobTable(database)
        app.state.artifacts = Artifacts(settings.data)
        app.state.feed = EventFeed(app.state.table, watch)
        try:
            # Port 0 is chosen by the system once the socket is bound; such a studio is a test's.
            if settings.announce and settings.port:
                async with announced(app.state.studio_id, settings.host, settings.port):
                    yield
            else:
                yield
        finally:
            app.state.feed.close()
            watch.close()
            database.close()

    app = FastAPI(
        title="Mixtape studio",
        version=__version__,
        description="Makes songs for homes.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    problems.install(app)
    for module in (jobs, takes, events, engines, system):
        app.include_router(module.router)
    return app
