"""./run: what somebody with a fresh clone types. The build must be there already."""
import os
import pathlib
import re
import signal
import subprocess
import time

import http_client
from banter_process import READY, ROOT, clean_environment


class Started:
    """./run as a process, past its announcement."""

    def __init__(self, *options, **environment):
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [str(ROOT / "run"), *map(str, options)], cwd="/", text=True, stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=clean_environment(**environment), start_new_session=True)
        self.lines = []
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            if "Its data is in" in line:
                break
        self.took = time.monotonic() - self.begun
        found = next(filter(None, map(READY.search, self.lines)), None)
        assert found, "\n".join(self.lines)
        self.host, self.port = found.group(1), int(found.group(2))

    def stop(self, number=signal.SIGINT):
        """As Ctrl-C does: the signal reaches everything that the script started."""
        os.killpg(self.process.pid, number)
        rest = self.process.stderr.read()
        return self.process.wait(10), rest


def test_a_second_start_is_quick_and_says_where_to_look(folder):
    taken = []
    for _ in range(3):  # the promise is for a machine that does nothing else: the best counts
        started = Started("--listen", "127.0.0.1:0", "--data", folder / "data")
        taken.append(started.took)
        started.stop()
    assert min(taken) < 2.0, taken
    started = Started("--listen", "127.0.0.1:0", "--data", folder / "data")
    try:
        shown = "\n".join(started.lines)
        assert f"http://localhost:{started.port}/" in shown and str(folder / "data") in shown
        assert http_client.call(started, "GET", "/healthz").status == 200
        assert (folder / "data" / "secret.key").stat().st_mode & 0o777 == 0o600
    finally:
        status, rest = started.stop()
    assert status == 0 and "event=stopped" in rest


def test_the_log_goes_on_after_the_announcement(folder):
    started = Started(BANTER_DATA=str(folder / "data"), BANTER_LISTEN="127.0.0.1:0")
    http_client.call(started, "GET", "/healthz")
    status, rest = started.stop(signal.SIGTERM)
    assert status == 0 and "event=http_request" in rest


def test_help_and_build_only_serve_nothing():
    shown = subprocess.run([ROOT / "run", "--help"], capture_output=True, text=True, check=True)
    assert "--build-only" in shown.stdout
    built = subprocess.run([ROOT / "run", "--build-only"], capture_output=True, text=True,
                           check=True)
    assert re.search(r"build/release/banter$", built.stderr.strip())
    assert pathlib.Path(ROOT / "build" / "release" / "banter").exists()


def test_a_mistake_is_the_servers_to_tell():
    done = subprocess.run([ROOT / "run", "--lissten", "x"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 2 and "--listen" in done.stderr
