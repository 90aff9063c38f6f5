"""What this process measures: requests by route, and what waits in the database."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import Site
from services.relay import backlog

REQUESTS = Counter("putright_requests", "HTTP requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "putright_request_seconds",
    "Time until a request was answered.",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
WAITING = Gauge("putright_intake_waiting", "Accepted complaints whose workflow is not started yet.")
OLDEST = Gauge("putright_intake_oldest_seconds", "Age of the oldest of them.")

router = APIRouter(tags=["health"])


class Measured:
    """ASGI middleware: counts and times requests by route, not by address, which may be personal."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on and note how it was answered; streams count when they begin."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                REQUESTS.labels(scope["method"], route, message["status"]).inc()
                SECONDS.labels(scope["method"], route).observe(time.monotonic() - began)
            await send(message)

        await self._app(scope, receive, noting)


@router.get("/metrics", summary="Measurements", response_class=Response, operation_id="metrics")
async def metrics(site: Site) -> Response:
    """Prometheus metrics: this process's requests, and what waits in the database."""
    waiting = await backlog(site)
    WAITING.set(waiting.count)
    OLDEST.set((datetime.now(UTC) - waiting.oldest).total_seconds() if waiting.oldest else 0)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
