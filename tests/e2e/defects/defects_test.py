"""Servers that are broken on purpose: `banter verify` has to notice each within a minute of chaos.

Needs the build that has defects: `./test --only defects`, which `./test --long` includes.
"""
import json

import pytest

from banter_process import command

# What is broken, what is done to it, and the invariants of which this violates one at least. Where
# a message is only late, few are sent: the next one would make up for it.
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
    ("commits_not_flushed", ("--local", "1", "--faults", "power"),
     "acked_is_stored one_message_per_seq"),
    ("commits_not_flushed", ("--local", "2", "--faults", "power"), "acked_is_stored"),
]


def verify(folder, defect, *words):
    """The report of a run, its exit status, and what it said."""
    done = command("verify", *words, "--chaos", "--duration", "60s", "--seed", "1", "--json",
                   "--strict", "--history", folder / "run.jsonl", check=False, cwd=folder,
                   seconds=400,
                   environment={"BANTER_DEFECT": defect, "TMPDIR": str(folder / "tmp")})
    assert done.stdout, done.stderr[-5000:]
    return json.loads(done.stdout), done.returncode, done.stderr


@pytest.mark.parametrize("defect, words, invariants", DEFECTS,
                         ids=[f"{name}-{words[1]}" for name, words, _ in DEFECTS])
def test_a_broken_server_is_caught(chaos_folder, defect, words, invariants):
    report, status, said = verify(chaos_folder, defect, *words)
    if defect == "commits_not_flushed" and status == 2:
        # The power took the conversation, or who was in it: there is nothing left to judge.
        assert "does not give conversation" in said, said[-5000:]
        return
    broken = {each["name"]: each["violations"] for each in report["invariants"]
              if each["violations"]}
    assert broken.keys() & set(invariants.split()) and status == 1, broken


@pytest.mark.parametrize("nodes", ["1", "3"])
def test_the_same_build_without_a_defect_holds(chaos_folder, nodes):
    report, _, _ = verify(chaos_folder, "none", "--local", nodes)
    assert not [each for each in report["invariants"] if each["violations"] and not each["strict"]]
    assert report["verdict"] != "unusable", report["undecided"]
