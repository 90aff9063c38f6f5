#!/bin/sh
# Creates or upgrades the tables of Temporal's two databases; run again after a change of the server's version.
set -eu

for database in temporal temporal_visibility; do
  case $database in
    temporal) folder=temporal ;;
    *) folder=visibility ;;
  esac
  tool() { temporal-sql-tool --database "$database" "$@"; }
  # Gives a new database its version table, and leaves one alone that is at a later version.
  tool setup-schema --version 0.0
  tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$folder/versioned"
done
