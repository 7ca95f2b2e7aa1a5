#!/usr/bin/env bash
# make_secrets.sh DIR: makes what the services of compose.yaml share in secret, each part for the
# user of one image. What is there stays as it is, so it can run at every start.
set -euo pipefail
umask 077
root=$1

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# keep FILE: stdin becomes the file unless there is one.
keep() {
  if [ -s "$1" ]; then
    cat >/dev/null
  else
    cat >"$1.new"
    mv "$1.new" "$1"
  fi
}

# give DIR UID: to one user alone. Without the right to (not as root) they stay the caller's.
give() {
  [ "$(id -u)" -ne 0 ] || chown -R "$2:$2" "$1"
  chmod 0500 "$1"
  chmod 0400 "$1"/*
}

for part in banter postgres redis grafana; do
  mkdir -p "$root/$part"
  chmod 0700 "$root/$part"
done

random | keep "$root/postgres/superuser.password"
random | keep "$root/postgres/banter.password"
random | keep "$root/redis/password"
random | keep "$root/grafana/admin.password"
random | keep "$root/banter/secret.key"

postgres=$(cat "$root/postgres/banter.password")
redis=$(cat "$root/redis/password")
keep "$root/banter/banter.toml" <<TOML
database = "postgres://banter:$postgres@postgres:5432/banter"
redis = "redis://:$redis@redis:6379"
TOML
# Redis is a cache and a relay here: it keeps nothing, and when it is full it drops what expires
# soonest. Whatever it loses is in PostgreSQL.
keep "$root/redis/redis.conf" <<CONF
bind * -::*
dir /data
save ""
appendonly no
maxmemory 256mb
maxmemory-policy volatile-ttl
requirepass $redis
CONF

give "$root/banter" 10001
give "$root/postgres" 999
give "$root/redis" 999
give "$root/grafana" 472
echo "secrets: ready"
