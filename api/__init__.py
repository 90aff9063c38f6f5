"""The HTTP API: routers, schemas, errors and who may call what."""
