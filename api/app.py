"""The application: routers, errors and limits put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI

from api import (
    archive,
    attachments,
    complaints,
    directory,
    documentation,
    health,
    knowledge,
    ledger,
    measures,
    messages,
    organising,
    portal,
    problems,
    procedures,
    reads,
    streams,
    verbs,
    work,
)
from api.limits import Limits
from api.metrics import Measured
from api.metrics import router as metrics_router
from api.shortway import ShortWays
from services.access import Links
from services.connect import Connections
from services.following import Listener

DESCRIPTION = """Complaints from the first call to a satisfied customer.

Every POST takes an `Idempotency-Key`: the same request with the same key gets the first answer again.
Errors are problem details (RFC 9457) with a stable `code`. `allowed_actions` of a complaint says what you
may do with it now; `expected_seq` refuses a command if the complaint has moved on meanwhile."""

ROUTERS = (
    complaints.router,
    streams.router,
    messages.router,
    attachments.router,
    verbs.router,
    work.router,
    ledger.router,
    archive.router,
    knowledge.router,
    reads.router,
    procedures.router,
    directory.router,
    measures.router,
    organising.router,
    portal.router,
    health.router,
    metrics_router,
    documentation.router,
)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


def create_app(
    connections: Connections,
    links: Links,
    listener: Listener,
    *,
    pages: Sequence[APIRouter] = (),
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """The API over these connections, and ``pages`` for people.

    ``lifespan`` starts and stops what runs beside it.
    """
    app = FastAPI(
        title="Putright",
        version=version("putright"),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own page loads its files from elsewhere
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.connections = connections
    app.state.links = links
    app.state.listener = listener
    problems.install(app)
    for router in (*ROUTERS, *pages):
        app.include_router(router)
    app.add_middleware(ShortWays, ways=complaints.SHORT_WAYS)
    app.add_middleware(Limits)
    app.add_middleware(Measured)
    return app
