"""Servers that are broken on purpose: `banter verify` has to notice each within a minute of chaos.

Needs the build that has defects: `./test --only defects`, which `./test --long` includes.
"""
import json

import pytest

from banter_process import command

# What is broken, what is done to it, and the invariant that this violates at least. Where a message
# is only late, few are sent: the next one would make up for it.
SLOWLY = ("--rate", "0.15")
DEFECTS = [
    ("ack_before_commit", ("--local", "1"), "acked_is_stored"),
    ("publish_before_commit", ("--local", "3"), "one_message_per_seq"),
    ("dedupe_in_memory", ("--local", "3"), "stored_once"),
    ("numbers_from_a_sequence", ("--local", "3", "--faults", "postgres:"), "log_is_whole"),
    ("no_head_poll", ("--local", "3", "--faults", "redis: killed", *SLOWLY),
     "complete_after_fault"),
    ("no_subscribe_before_head", ("--local", "3", "--faults", "node: killed", *SLOWLY),
     "complete_after_fault"),
    ("history_from_the_relay", ("--local", "3"), "log_is_whole"),
    ("commits_not_flushed", ("--local", "1", "--faults", "power"), "acked_is_stored"),
    ("commits_not_flushed", ("--local", "2", "--faults", "power"), "acked_is_stored"),
]


def verify(folder, defect, *words):
    """The report of a run, and its exit status."""
    done = command("verify", *words, "--chaos", "--duration", "60s", "--seed", "1", "--json",
                   "--strict", "--history", folder / "run.jsonl", check=False, cwd=folder,
                   seconds=400,
                   environment={"BANTER_DEFECT": defect, "TMPDIR": str(folder / "tmp")})
    assert done.returncode in (0, 1), done.stderr[-5000:]
    return json.loads(done.stdout), done.returncode


@pytest.mark.parametrize("defect, words, invariant", DEFECTS,
                         ids=[f"{name}-{words[1]}" for name, words, _ in DEFECTS])
def test_a_broken_server_is_caught(chaos_folder, defect, words, invariant):
    report, status = verify(chaos_folder, defect, *words)
    broken = {each["name"]: each["violations"] for each in report["invariants"]
              if each["violations"]}
    assert invariant in broken and status == 1, broken


@pytest.mark.parametrize("nodes", ["1", "3"])
def test_the_same_build_without_a_defect_holds(chaos_folder, nodes):
    report, _ = verify(chaos_folder, "none", "--local", nodes)
    assert not [each for each in report["invariants"] if each["violations"] and not each["strict"]]
