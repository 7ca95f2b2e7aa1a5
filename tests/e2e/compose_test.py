"""What compose.yaml's one-shot scripts make, used by the real servers."""
import os
import pathlib
import stat
import subprocess

import pytest

import people
from banter_process import Banter
from servers.postgres import PostgresServer
from servers.redis import RedisServer
from waiting import until

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "compose"
pytestmark = pytest.mark.nodes


def make_secrets(folder):
    done = subprocess.run([SCRIPTS / "make_secrets.sh", folder], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "secrets: ready\n"
    return {str(path.relative_to(folder)): path.read_text("ascii")
            for path in sorted(folder.rglob("*")) if path.is_file()}


def test_secrets_are_made_once_and_are_nobody_elses(folder):
    made = make_secrets(folder / "secrets")
    assert set(made) == {"banter/banter.toml", "banter/secret.key", "grafana/admin.password",
                         "postgres/banter.password", "postgres/superuser.password",
                         "redis/password", "redis/redis.conf"}
    alone = [text for name, text in made.items() if name.endswith((".key", "password"))]
    assert len(set(alone)) == len(alone) == 5 and all(len(text) == 64 for text in alone)
    for path in (folder / "secrets").rglob("*"):
        wanted = 0o500 if path.is_dir() else 0o400
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    owners = {"banter": 10001, "grafana": 472, "postgres": 999, "redis": 999}
    if os.geteuid() == 0:
        for name, owner in owners.items():
            assert (folder / "secrets" / name).stat().st_uid == owner
    assert make_secrets(folder / "secrets") == made


def test_a_lost_part_is_made_again_and_the_rest_stays(folder):
    made = make_secrets(folder / "secrets")
    folder.joinpath("secrets", "grafana").chmod(0o700)
    folder.joinpath("secrets", "grafana", "admin.password").unlink()
    again = make_secrets(folder / "secrets")
    changed = {name for name in made if made[name] != again[name]}
    assert changed == {"grafana/admin.password"}


def test_a_node_serves_from_what_they_made(folder):
    made = make_secrets(folder / "secrets")
    # Networks of containers give names and usual ports; here they are this machine's.
    conf = made["redis/redis.conf"].replace("bind * -::*\n", "").replace("dir /data\n", "")
    (folder / "redis.conf").write_text(conf, "ascii")
    with PostgresServer() as postgres, RedisServer(conf=folder / "redis.conf") as redis:
        (folder / "password").write_text(made["postgres/banter.password"], "ascii")
        subprocess.run(["bash", SCRIPTS / "make_database.sh"], check=True, env={
            **os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(postgres.port),
            "BANTER_PASSWORD_FILE": str(folder / "password")})
        assert postgres.query("SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles "
                              "WHERE rolname = 'banter'").strip() == "f"
        # From here on the password counts.
        hba = postgres.folder / "data" / "pg_hba.conf"
        hba.write_text("host all banter 127.0.0.1/32 scram-sha-256\n"
                       "host all all 127.0.0.1/32 trust\n", "ascii")
        postgres.query("SELECT pg_reload_conf()")

        settings = made["banter/banter.toml"]
        settings = settings.replace("@postgres:5432", f"@127.0.0.1:{postgres.port}")
        settings = settings.replace("@redis:6379", f"@127.0.0.1:{redis.port}")
        (folder / "banter.toml").write_text(settings, "ascii")
        (folder / "secret.key").write_text(made["banter/secret.key"], "ascii")
        (folder / "secret.key").chmod(0o600)
        node = ["--config", folder / "banter.toml", "--secret-key-file", folder / "secret.key"]
        with Banter(None, *node, secret=None) as server:
            until(lambda: people.call(server, "GET", "/readyz").status == 200, "it is ready", 20)
            a = people.sign_up(server, key=made["banter/secret.key"])
            conversation = people.create_conversation(server, a)
            people.enter(server, a, conversation)[0].say("hello")
            metrics = people.call(server, "GET", "/metrics").text
            assert "banter_relay_up 1" in metrics and "banter_durability 2" in metrics
