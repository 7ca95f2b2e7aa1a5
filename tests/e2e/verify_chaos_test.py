"""`banter verify --local N`: a deployment of its own, broken while its clients talk."""
import os
import pathlib
import random
import re
import signal
import subprocess

import pytest

from banter_process import BINARY, clean_environment, command
from waiting import FACTOR, until

SEED = 20260801
SECONDS = int(os.environ.get("BANTER_CHAOS_SECONDS", "20"))
# The embedded server loses it only without sanitizers: they let no other library come first.
WITH_POWER = [1, 2] if FACTOR == 1 else [2]


def chaos(folder, *words, seed, seconds=SECONDS):
    """A run with its own temporary directory, so that one sees what it leaves there."""
    print(f"seed {seed}")  # pytest shows it with a failure: it repeats the choices
    done = command("verify", *words, "--chaos", "--duration", f"{seconds}s", "--seed", seed,
                   "--history", folder / "run.jsonl", check=False, cwd=folder,
                   seconds=seconds + 220,
                   environment={"TMPDIR": str(folder / "tmp")})
    logs = "".join(path.read_text(encoding="utf-8", errors="replace")[-20000:]
                   for path in folder.glob("run.jsonl.logs/*"))
    assert done.returncode == 0 and done.stdout.startswith("the promise holds\n"), f"{done}\n{logs}"
    assert not list((folder / "tmp").iterdir()), "something is left behind"
    return done


@pytest.mark.nodes
@pytest.mark.parametrize("seed", [SEED, random.randrange(1, 2**31)], ids=["fixed", "fresh"])
def test_three_nodes_keep_their_promise_through_chaos(chaos_folder, seed):
    done = chaos(chaos_folder, "--local", 3, seed=seed)
    faults, kinds = map(int, re.search(r"(\d+) faults of (\d+) kinds", done.stderr).groups())
    assert faults >= 2 and kinds >= 2, done.stderr


@pytest.mark.nodes
def test_a_redis_cluster_keeps_up_with_chaos(chaos_folder):
    chaos(chaos_folder, "--local", 2, "--redis-cluster", seed=random.randrange(1, 2**31))


def test_the_embedded_server_keeps_its_promise_through_chaos(chaos_folder):
    chaos(chaos_folder, "--local", 1, seed=random.randrange(1, 2**31))


@pytest.mark.nodes
@pytest.mark.parametrize("nodes", WITH_POWER)
def test_what_was_acknowledged_survives_a_power_cut(chaos_folder, nodes):
    done = chaos(chaos_folder, "--local", nodes, "--faults", "loses power",
                 seconds=SECONDS // 2, seed=random.randrange(1, 2**31))
    assert re.search(r"[1-9]\d* faults of 1 kinds", done.stderr), done.stderr


@pytest.mark.nodes
def test_interrupted_it_takes_down_what_it_started_and_judges_what_there_is(chaos_folder):
    history = chaos_folder / "run.jsonl"
    process = subprocess.Popen(
        [str(BINARY), "verify", "--local", "2", "--chaos", "--duration", "1h", "--history",
         str(history)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=clean_environment(TMPDIR=str(chaos_folder / "tmp")))
    until(lambda: history.exists() and '"type":"fault"' in history.read_text("utf-8"),
          "a fault has begun", 60)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60 * FACTOR)
    assert process.returncode == 0 and out.startswith("the promise holds\n"), out + err
    assert not list((chaos_folder / "tmp").iterdir()), "something is left behind"


def descendants(pid):
    """Every process that a process has started, and theirs."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("utf-8").split():
            found += [child, *descendants(child)]
    return found


@pytest.mark.nodes
def test_killed_it_takes_everything_with_it(chaos_folder):
    history = chaos_folder / "run.jsonl"
    with subprocess.Popen(
            [str(BINARY), "verify", "--local", "2", "--duration", "1h", "--history", str(history)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=clean_environment(TMPDIR=str(chaos_folder / "tmp"))) as process:
        until(lambda: history.exists() and '"type":"ack"' in history.read_text("utf-8"),
              "people talk", 60)
        started = descendants(process.pid)
        process.kill()
    assert len(started) > 4, started  # two nodes, Redis, PostgreSQL and what that starts
    until(lambda: not [pid for pid in started if pathlib.Path(f"/proc/{pid}/exe").exists()],
          "all of them are gone", 30)


@pytest.mark.nodes
def test_without_redis_it_says_how_to_get_it(chaos_folder):
    done = command("verify", "--local", 2, check=False, cwd=chaos_folder, seconds=60,
                   environment={"PATH": str(chaos_folder), "TMPDIR": str(chaos_folder / "tmp")})
    assert done.returncode == 2 and "apt-get install redis-server" in done.stderr, done
    assert not list((chaos_folder / "tmp").iterdir()), "something is left behind"


@pytest.mark.parametrize("words, said", [
    (["--chaos", "http://127.0.0.1:1"], "--chaos"),
    (["--local", "2", "http://127.0.0.1:1"], "give one"),
    (["--local", "1", "--faults", "power"], "--faults"),
    (["--local", "1", "--chaos", "--faults", "earthquake"], "node: killed"),
    (["--redis-cluster", "--local", "1"], "--redis-cluster"),
    (["--clean-up", "--local", "1"], "--clean-up"),
    (["--local", "0"], "--local"),
    ([], "--local N")])
def test_words_that_do_not_go_together_are_refused(words, said):
    done = command("verify", *words, check=False)
    assert done.returncode == 2 and said in done.stderr, done
