"""A real PostgreSQL server of the test's own, fsync on."""
import glob
import itertools
import os
import pwd
import shutil
import signal
import subprocess

from servers.child import Child
from servers.ports import free_port

OWNER = "postgres"  # initdb refuses root


def _program(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    assert found, f"{name} is not installed: bash tools/deps.sh install test"
    return found[-1]


def _as_owner():
    return ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []


class PostgresServer(Child):
    """`url` is the superuser's; `database()` makes an empty one for a test. `copy_of`: begins as a
    base backup of that server, and with `follows` as its standby."""

    def __init__(self, *settings, copy_of=None, follows=False):
        super().__init__("postgres")
        self.port = free_port()
        self.settings = ["listen_addresses=127.0.0.1", f"port={self.port}",
                         f"unix_socket_directories={self.folder}", "shared_buffers=64MB",
                         "max_connections=200", *settings]
        self._names = itertools.count(1)
        if os.geteuid() == 0:
            shutil.chown(self.folder, OWNER)
        data = str(self.folder / "data")
        if copy_of is None:
            self._run("initdb", "-D", data, "-A", "trust", "-U", OWNER, "-E", "UTF8",
                      "--locale=C.UTF-8", "--no-sync")
        else:
            self._run("pg_basebackup", "-D", data, "-d", copy_of.url, "-c", "fast", "--no-sync",
                      *(["-R"] if follows else []))
        self.start()

    def _run(self, program, *words):
        done = subprocess.run([*_as_owner(), _program(program), *words], capture_output=True,
                              text=True, check=False, cwd="/")
        assert done.returncode == 0, f"{program} {words}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self):
        """Starts (again) and waits until it takes questions."""
        options = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam(OWNER)
            options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        settings = [word for setting in self.settings for word in ("-c", setting)]
        self.spawn(_program("postgres"), "-D", self.folder / "data", *settings, cwd="/", **options)
        self.wait_ready(self.answers, "PostgreSQL takes questions")
        return self

    def answers(self):
        """Whether it takes questions."""
        return subprocess.run(
            [_program("psql"), self.url, "-Atqc", "SELECT 1"], capture_output=True,
            check=False, env={**os.environ, "PGCONNECT_TIMEOUT": "2"}).returncode == 0

    def stop(self, number=signal.SIGINT):  # "fast": disconnects everybody
        super().stop(number)

    def promote(self):
        """A standby becomes a primary of its own."""
        self._run("pg_ctl", "promote", "-w", "-D", str(self.folder / "data"))

    def dump(self, url, file):
        """pg_dump of one database."""
        self._run("pg_dump", "-Fc", "-f", str(file), url)

    def restore(self, file):
        """The URL of a new database with what pg_dump wrote."""
        url = self.database()
        self._run("pg_restore", "--no-owner", "-d", url, str(file))
        return url

    @property
    def url(self):
        """Of the superuser, to the maintenance database."""
        return self.url_of(OWNER)

    def url_of(self, database, user=OWNER):
        """postgres://…"""
        return f"postgres://{user}@127.0.0.1:{self.port}/{database}"

    def query(self, sql, database=OWNER):
        """Rows as lines, columns separated by |."""
        return self._run("psql", self.url_of(database), "-v", "ON_ERROR_STOP=1", "-Atqc", sql)

    def database(self):
        """The URL of a new, empty database."""
        name = f"banter_{next(self._names)}_{os.getpid()}"
        self.query(f"CREATE DATABASE {name}")
        return self.url_of(name)
