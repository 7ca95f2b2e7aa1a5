"""Runs one step after another, keeps a log of each and counts what passed."""
import dataclasses
import os
import pathlib
import re
import subprocess
import time
from typing import Callable

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / "build" / "test-logs"
TAIL_LINES = 40
# Where logs say what went wrong, which may be far above their end.
CAUSE = re.compile(r"(WARNING|ERROR): \w+Sanitizer|runtime error: |: Failure$|^E   ")
CAUSES_MAX = 3
CAUSE_LINES = 25


@dataclasses.dataclass(frozen=True)
class Step:
    """`run` gets a Context and returns nothing; it reports cases to the context."""

    name: str
    what: str
    run: Callable
    quick: bool = True  # with --quick, too
    long: bool = False  # only with --long
    needs: tuple = ()


class Context:
    """One run of one step: its log, its folder for reports, and the cases it has counted."""

    def __init__(self, step, log_path):
        self.log_path = log_path
        self.folder = LOGS / step.name
        self.passed = 0
        self.failures = []

    def command(self, *arguments, environment=None, limit=1800):
        """Runs a command with its output appended to the log; returns the exit status."""
        with open(self.log_path, "a", encoding="utf-8") as log:
            log.write("$ " + " ".join(map(str, arguments)) + "\n")
            log.flush()
            try:
                return subprocess.run(
                    list(map(str, arguments)),
                    cwd=ROOT,
                    env={**os.environ, **(environment or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    timeout=limit,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                log.write(f"\nstopped after {limit} s\n")
                return 124
            except OSError as error:
                log.write(f"\n{error}\n")
                return 127

    def case(self, name, passed):
        """Counts one case."""
        if passed:
            self.passed += 1
        else:
            self.failures.append(name)


def excerpt(lines):
    """What to show of a failed step's log: its first causes, a few lines of each, and its end."""
    tail = max(0, len(lines) - TAIL_LINES)
    shown, end, causes = [], 0, 0
    for number, line in enumerate(lines[:tail]):
        if causes == CAUSES_MAX:
            break
        if number >= end and CAUSE.search(line):
            causes += 1
            end = min(number + CAUSE_LINES, tail)
            shown += [*lines[number:end], "[...]"]
    return shown + lines[tail:]


class Runner:
    """Sums the cases of all steps. A step whose build failed counts as one failed case."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self._broken = set()
        LOGS.mkdir(parents=True, exist_ok=True)

    def run(self, step):
        """Runs the step, prints its outcome and how long it took."""
        print(f"==> {step.name}: {step.what}", flush=True)
        context = Context(step, LOGS / f"{step.name}.log")
        context.log_path.write_text("", encoding="utf-8")
        missing = [name for name in step.needs if name in self._broken]
        started = time.monotonic()
        if missing:
            context.case(f"not run, because {missing[0]} failed", False)
        else:
            step.run(context)
        self._report(step, context, time.monotonic() - started)

    def _report(self, step, context, seconds):
        failed = len(context.failures)
        self.passed += context.passed
        self.failed += failed
        print(f"    {context.passed} passed, {failed} failed ({seconds:.0f} s)", flush=True)
        if not failed:
            return
        self._broken.add(step.name)
        lines = context.log_path.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in excerpt(lines):
            print("    | " + line)
        for name in context.failures[:TAIL_LINES]:
            print(f"    FAILED {name}")
        print(f"    the whole log: {context.log_path.relative_to(ROOT)}", flush=True)
