#!/bin/sh
# Creates or upgrades the tables of Temporal's two databases; run again after a change of the server's version.
set -eu

for database in temporal temporal_visibility; do
  case $database in
    temporal) folder=temporal ;;
    *) folder=visibility ;;
  esac
  tool() { temporal-sql-tool --database "$database" "$@"; }
  # A database without a version table gets one; setting it up twice would be an error.
  tool setup-schema --version 0.0 || echo "$database: has a version table; its schema is brought up to date"
  tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$folder/versioned"
done
