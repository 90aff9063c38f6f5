"""The API's documentation as a page: Swagger UI from this installation's own files only."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import Response

from domain.errors import Refused

router = APIRouter(prefix="/docs", include_in_schema=False)

_HEADERS = {
    # Inline styles are Swagger UI's own; scripts and requests are for this host alone.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# Addresses are relative, so that they also lead here from behind a proxy that puts a path before them.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Putright API</title>
<link rel="icon" href="docs/files/favicon-32x32.png">
<link rel="stylesheet" href="docs/files/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript; for programs: <a href="openapi.json">openapi.json</a></noscript>
<script src="docs/files/swagger-ui-bundle.js"></script>
<script src="docs/files/start.js"></script>
</body>
</html>
"""
_START = b"""SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none",
  tagsSorter: "alpha",
  validatorUrl: null,
});
"""
_TYPES = {
    "favicon-32x32.png": "image/png",
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}


@router.get("")
async def page() -> Response:
    """The page."""
    return Response(_PAGE, media_type="text/html", headers=_HEADERS)


@router.get("/files/start.js")
async def start() -> Response:
    """What shows this API's description on the page."""
    return Response(_START, media_type="text/javascript", headers=_HEADERS)


@router.get("/files/{name}")
async def file(name: str) -> Response:
    """A file of Swagger UI."""
    if name not in _TYPES:
        raise Refused("not_found", f"there is no file {name}")
    cached = {**_HEADERS, "Cache-Control": "public, max-age=86400"}
    return Response(_content(name), media_type=_TYPES[name], headers=cached)


@cache
def _content(name: str) -> bytes:
    """A file of Swagger UI as the package `fastapi-swagger` ships it; nothing else of it is used."""
    return (files("fastapi_swagger.resources") / name).read_bytes()
