# One image for the API, the workers, the relay, migrations and the Temporal bootstrap: the command says which.
FROM python:3.12-slim AS build
WORKDIR /build
COPY requirements.txt requirements-dev.txt ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
# Putright itself, for its version and its command; what builds it is locked with hashes too, and does not stay.
COPY pyproject.toml LICENSE settings.py ./
RUN awk '/^setuptools==/ {take = 1} take {print} !/\\$/ {take = 0}' requirements-dev.txt > build.txt \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r build.txt \
    && /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /venv/bin/pip uninstall --yes setuptools

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent putright \
    && install -d -o putright -g putright -m 0700 /var/lib/putright
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
RUN python -m compileall -q /app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PUTRIGHT_HOME=/var/lib/putright PUTRIGHT_LOG_FORMAT=json
USER putright
EXPOSE 8080
# Ends at SIGTERM: uvicorn and the worker finish what they have begun (see PUTRIGHT_GRACE_SECONDS).
CMD ["python", "server.py"]
