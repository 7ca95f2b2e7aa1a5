#!/usr/bin/env bash
# Runs once, in the entrypoint of the image of PostgreSQL: a role that owns the database of the
# nodes and nothing else. Its password stands in $BANTER_PASSWORD_FILE.
set -euo pipefail
password=$(cat "${BANTER_PASSWORD_FILE:-/run/banter/banter.password}")
# The password goes by stdin: words of a command line are seen by every process.
psql --set ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" \
  --dbname postgres <<SQL
\set password '$password'
CREATE ROLE banter LOGIN PASSWORD :'password';
CREATE DATABASE banter OWNER banter;
REVOKE ALL ON DATABASE banter FROM PUBLIC;
SQL
