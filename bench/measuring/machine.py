"""The machine: what it is, what a flush to its disk costs, and which core runs what."""
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
WSLOAD, BOUND, BANTER = BUILD / "bench" / "wsload", BUILD / "bench" / "bound", BUILD / "banter"
SERVER_CORE, LOAD_CORE = "0", "1"

sys.path.insert(0, str(ROOT / "tests" / "e2e"))


def pinned(core, *words):
    """The words of a command that stays on one core."""
    return ["taskset", "-c", core, *map(str, words)]


def describe():
    """What a reader needs to know about where the figures come from."""
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                if line.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
                            capture_output=True, text=True, check=False).stdout.strip()
    return {"cpu": cpu, "cores": os.cpu_count(), "kernel": platform.release(),
            "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
            "commit": commit, "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())}


def fdatasync_us(folder, samples=200, pause=0.0):
    """The median of flushing 4 KiB written over blocks that exist, in microseconds.

    `pause` seconds lie between two of them: a disk, and the machine above it, that rested between
    two flushes takes longer than one that does nothing else.
    """
    path = pathlib.Path(folder) / "fdatasync-probe"
    block, taken = b"x" * 4096, []
    with open(path, "wb", buffering=0) as file:
        file.write(bytes(len(block) * samples))
        os.fsync(file.fileno())
        file.seek(0)
        for _ in range(samples):
            time.sleep(pause)
            file.write(block)
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - start) * 1e6)
    path.unlink()
    return statistics.median(taken)
