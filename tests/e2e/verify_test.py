"""`banter verify --check`: what it says of a history, and with which exit status."""
import json

import pytest

from banter_process import ROOT, command

PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
HISTORY = PAGE.split("```json\n")[1].split("```")[0]  # the example of the manual
LOST = HISTORY.replace('"head":1,"messages":[{"seq":1,"user":1,"ts":1795333972,"text":"hello"}]',
                       '"head":0,"messages":[]')


def verify(*words, stdin=""):
    return command("verify", *words, stdin=stdin, check=False)


def test_a_history_that_holds(folder):
    file = folder / "run.jsonl"
    file.write_text(HISTORY, encoding="utf-8")
    done = verify("--check", file)
    assert done.returncode == 0 and done.stdout.startswith("the promise holds\n"), done
    report = json.loads(verify("--check", file, "--json", "--strict").stdout)
    assert (report["verdict"], report["strict"], report["run"]["seed"]) == ("holds", True, 7)


def test_a_broken_promise_is_told_with_its_lines(folder):
    file = folder / "run.jsonl"
    file.write_text(LOST, encoding="utf-8")
    done = verify("--check", file)
    assert done.returncode == 1 and "acked_is_stored" in done.stdout, done
    assert "lines 6, 8, 9: conversation 7: seq 1 was acknowledged" in done.stdout, done
    assert json.loads(verify("--check", file, "--json").stdout)["figures"]["lost"] == 2


def test_a_history_comes_through_a_pipe():
    assert verify("--check", "-", stdin=HISTORY).returncode == 0
    assert verify("--check", "-", stdin=LOST).returncode == 1


UNUSABLE = {
    "nothing": ("", "the file is empty"),
    "another file": ("# Banter\n", "line 1: this is not a history"),
    "a broken line": (HISTORY.replace('"type":"send"', '"type":"sent"'),
                      'line 6: there is no record of type "sent"'),
    "a cut off line": (HISTORY[:-5], "line 10: the last line is cut off"),
}


@pytest.mark.parametrize("text, why", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_what_is_no_history_is_refused_with_the_reason(text, why):
    done = verify("--check", "-", stdin=text)
    assert done.returncode == 2 and why in done.stderr, done
    report = verify("--check", "-", "--json", stdin=text)
    assert report.returncode == 2 and json.loads(report.stdout)["verdict"] == "unusable", report


def test_a_run_that_did_not_end_is_not_decided():
    done = verify("--check", "-", stdin="\n".join(HISTORY.splitlines()[:-1]) + "\n")
    assert done.returncode == 2 and "not decided" in done.stdout, done


def test_a_file_that_cannot_be_read_is_told(folder):
    for file in (folder / "nothing", folder):
        done = verify("--check", file)
        assert done.returncode == 2 and str(file) in done.stderr, done
