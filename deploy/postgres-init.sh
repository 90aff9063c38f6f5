#!/bin/bash
# First start of the database: one role and database for Putright, one role and two databases for Temporal.
set -euo pipefail

psql --username "$POSTGRES_USER" --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --set putright="$PUTRIGHT_DB_PASSWORD" --set temporal="$TEMPORAL_DB_PASSWORD" <<'SQL'
CREATE ROLE putright LOGIN PASSWORD :'putright';
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE putright OWNER putright;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE putright, temporal, temporal_visibility FROM PUBLIC;
SQL
