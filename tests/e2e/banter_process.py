"""One real Banter server as a process: start, stop, kill, restart, and administrator commands.

The binary is $BANTER_BINARY, else build/release/banter. Every server has a data directory of its
own and a port that the system picks, so any number of them run side by side.
"""
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

import http_client
from servers import shared
from waiting import FACTOR, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("BANTER_BINARY", ROOT / "build" / "release" / "banter"))
DEV_SECRET = "dev-secret"
# The same line in logfmt and in JSON.
READY = re.compile(
    r'event"?[=:]\s*"?listening\b.*?\baddr"?[=:]\s*"?([^"\s,]+).*?\bport"?[=:]\s*(\d+)')
STOP_SECONDS = 5


def clean_environment(**added):
    """The caller's environment without anything that would configure the server."""
    prefixes = ("BANTER_", "DJANGO_", "WS_RATE_", "POSTGRES_", "REDIS_", "ALLOWED_HOSTS")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(prefixes)}
    return {**kept, **{k: v for k, v in added.items() if v is not None}}


class Banter:
    """Starts on construction and returns when the server listens.

    options   further words of `banter serve`
    secret    the signing key, passed in BANTER_SECRET_KEY; None lets the server use its key file
    database  URL of a PostgreSQL database, and `redis` of Redis, for nodes of a deployment; else
              the embedded store, or with $BANTER_TEST_STORE=postgres a database of its own
    limits    True keeps the default throttles; otherwise they are lifted
    wrap      words before the binary, such as taskset
    """

    def __init__(self, data=None, *options, secret=DEV_SECRET, limits=False, environment=None,
                 start=True, wrap=(), database=None, redis=None):
        self._own_folder = None
        if data is None:
            self._own_folder = tempfile.TemporaryDirectory(prefix="banter-e2e-")
            data = pathlib.Path(self._own_folder.name) / "data"
        self.data = pathlib.Path(data)
        self.secret = secret
        self.options = list(options)
        if not limits:
            self.options = ["--throttle", "off", "--message-rate", "off", *self.options]
        if database is None and os.environ.get("BANTER_TEST_STORE") == "postgres":
            database, redis = shared.database_and_redis()
        self.database = database
        # In variables, not in flags: every user of the machine sees those.
        self.environment = {**({"BANTER_DATABASE": database} if database else {}),
                            **({"BANTER_REDIS": redis} if redis else {}), **(environment or {})}
        self.wrap = list(wrap)
        self.host, self.port = "127.0.0.1", 0
        self.process = None
        self.lines = []
        self._reader, self._ready_at = None, 0.0
        self.ready_seconds = 0.0  # from exec to the ready line, of the last start
        if start:
            self.start()

    # ------------------------------------------------------------ life

    def command_line(self):
        """The words that start the server."""
        dev = ["--insecure-dev"] if self.secret is not None and len(self.secret) < 32 else []
        # Two reactors even on one core: sessions and timelines then meet across threads.
        reactors = [] if "--reactors" in self.options else ["--reactors", "2"]
        return [*self.wrap, str(BINARY), "serve", "--listen", f"127.0.0.1:{self.port}", "--data",
                str(self.data), *dev, *reactors, *self.options]

    def start(self, ready=True):
        """Starts (again): the port and the data of the first start are kept. Without `ready`, only
        until it listens, be its database there or not."""
        environment = clean_environment(BANTER_SECRET_KEY=self.secret, **self.environment)
        started = time.monotonic()
        self.process = subprocess.Popen(
            self.command_line(), env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        first = len(self.lines)
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True)
        self._reader.start()
        address = until(lambda: self._ready(first), "the server listens", 20)
        self.host, self.port = address
        self.ready_seconds = self._ready_at - started
        if self.database and ready:
            until(lambda: http_client.call(self, "GET", "/readyz").status == 200,
                  "the node has reached its database", 20)
        return self

    def _read(self, stream):
        for line in stream:
            if READY.search(line):
                self._ready_at = time.monotonic()
            self.lines.append(line.rstrip("\n"))
        stream.close()

    def _ready(self, first):
        for line in self.lines[first:]:
            found = READY.search(line)
            if found:
                return found.group(1).strip("[]"), int(found.group(2))
        if self.process.poll() is not None:
            self._reader.join(5)
            log = "\n".join(self.lines[first:])
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{log}")
        return None

    def signal(self, number):
        """Sends a signal and does not wait."""
        self.process.send_signal(number)

    def wait(self, seconds=STOP_SECONDS):
        """The exit status; fails if the process is still there after `seconds`."""
        try:
            status = self.process.wait(seconds * FACTOR)
        except subprocess.TimeoutExpired:
            late = f"still running after {seconds * FACTOR} s"
            raise AssertionError(f"{late}:\n{self.log()}") from None
        self._reader.join(5)
        return status

    def stop(self):
        """SIGTERM; the promise is exit 0 within 5 s."""
        if self.running():
            self.signal(signal.SIGTERM)
        status = self.wait()
        assert status == 0, f"exit status {status} after SIGTERM:\n{self.log()}"

    def kill(self):
        """SIGKILL, as the power cord would."""
        self.process.kill()
        self.process.wait(10)
        self._reader.join(5)

    def restart(self):
        """Stops in peace and starts on the same port and data."""
        self.stop()
        return self.start()

    def running(self):
        """Whether the process is still there."""
        return self.process is not None and self.process.poll() is None

    def close(self):
        """Ends the server whatever state it is in and removes the data directory it made."""
        try:
            if self.running():
                self.stop()
        finally:
            if self.running():
                self.kill()
            if self._own_folder is not None:
                self._own_folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ------------------------------------------------------------ looking at it

    @property
    def address(self):
        """HOST:PORT."""
        return f"{self.host}:{self.port}"

    @property
    def url(self):
        """http://HOST:PORT."""
        return f"http://{self.address}"

    def log(self):
        """Everything the server has written to stderr so far."""
        return "\n".join(self.lines)

    # ------------------------------------------------------------ administrator commands

    def admin(self, *words, **options):
        """Runs `banter WORDS --data DIR`; see command()."""
        environment = {**self.environment, **options.pop("environment", {})}
        return command(*words, "--data", str(self.data), secret=self.secret,
                       environment=environment, **options)


def command(*words, secret=DEV_SECRET, check=True, stdin="", environment=None, cwd=None,
            seconds=20):
    """Runs `banter WORDS` to its end; fails on a status other than 0 unless check is False."""
    done = subprocess.run(
        [str(BINARY), *map(str, words)], input=stdin, text=True, errors="replace",
        capture_output=True, cwd=cwd, timeout=seconds * FACTOR, check=False,
        env=clean_environment(BANTER_SECRET_KEY=secret, **(environment or {})))
    if check:
        said = f"{' '.join(map(str, words))}: status {done.returncode}"
        assert done.returncode == 0, f"banter {said}\n{done.stdout}{done.stderr}"
    return done
