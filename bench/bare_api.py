"""The bare HTTP side: one route that checks a body and inserts the same row, with the driver alone."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

INSERT = """
INSERT INTO complaints (ref, procedure, version, fingerprint, opened_at, channel, language, customer_name,
    title, summary, owner, form, facts, kind, category, severity, search)
SELECT $1, p.name, p.version, p.fingerprint, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
    to_tsvector('simple', $14)
FROM procedures AS p WHERE p.name = $15 AND p.active
"""


class Customer(BaseModel):
    """Who complains."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(default="", max_length=500)
    phone: str = Field(default="", max_length=500)


class Body(BaseModel):
    """A new complaint."""

    model_config = ConfigDict(extra="forbid")
    procedure: str
    channel: str
    language: str = ""
    title: str = Field(default="", max_length=500)
    summary: str = Field(default="", max_length=20_000)
    facts: dict[str, str] = {}
    form: dict[str, str] = {}
    customer: Customer = Customer()


def application(dsn: str) -> FastAPI:
    """One route and a pool of connections."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(dsn, min_size=10, max_size=10) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/complaints", status_code=201)
    async def insert(body: Body) -> dict[str, str]:
        ref = f"BARE-{uuid.uuid4()}"
        facts = body.facts
        await app.state.pool.execute(
            INSERT,
            ref,
            datetime.now(UTC),
            body.channel,
            body.language,
            body.customer.name,
            body.title,
            body.summary,
            "person:bench-agent",
            json.dumps(body.form),
            json.dumps(facts),
            *(facts.get(name, "") for name in ("kind", "category", "severity")),
            f"{ref} {body.title} {body.summary} {body.customer.name}",
            body.procedure,
        )
        return {"ref": ref}

    return app


if __name__ == "__main__":
    uvicorn.run(
        application(os.environ["BENCH_DSN"]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_config=None,
        access_log=False,
    )
