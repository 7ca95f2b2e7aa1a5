"""A server as a child process with a directory of its own: start, pause, kill, end."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from waiting import until


def _alive(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


class Child:
    """Ends with the interpreter at the latest: a child outlives no test run."""

    def __init__(self, prefix):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"banter-{prefix}-"))
        self.process = None
        self.paused = []

    def spawn(self, *words, **options):
        """Starts the process, its output in `log` of its folder."""
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([*map(str, words)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True,
                                            **options)

    def log(self):
        """Everything it has written so far."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def running(self):
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def wait_ready(self, condition, what):
        """Until condition(); fails at once if the process ends before."""
        def ready():
            assert self.running(), f"{what}: it ended with {self.process.returncode}\n{self.log()}"
            return condition()
        until(ready, what, 30)

    def pids(self):
        """The process and all below it."""
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
            except OSError:
                continue
            todo += map(int, children.split())
        return found

    def pause(self):
        """SIGSTOP to all of it, as if the machine froze."""
        self.paused = self.pids()
        self._signal(self.paused, signal.SIGSTOP)

    def resume(self):
        """SIGCONT."""
        self._signal(self.paused, signal.SIGCONT)
        self.paused = []

    def kill(self):
        """SIGKILL to all of it, as the power cord would; returns when nothing of it is left."""
        if not self.running():
            return
        self._signal([self.process.pid], signal.SIGSTOP)  # else it has more children by then
        family = self.pids()
        self._signal(family, signal.SIGKILL)
        self.process.wait(20)
        until(lambda: not any(map(_alive, family)), "all of it is gone", 20)

    def stop(self, number=signal.SIGTERM):
        """Ends it in peace."""
        if not self.running():
            return
        self.resume()
        self.process.send_signal(number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def close(self):
        """Ends it whatever state it is in, and removes its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _signal(pids, number):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
