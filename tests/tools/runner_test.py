"""tools/testing/runner.py: what of a failed step's log is shown."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from testing.runner import CAUSE_LINES, CAUSES_MAX, TAIL_LINES, excerpt  # noqa: E402


def test_a_short_log_is_shown_whole():
    lines = ["one", "WARNING: ThreadSanitizer: data race", "three"]
    assert excerpt(lines) == lines


def test_a_cause_far_above_the_end_is_shown_with_what_follows():
    lines = ["noise"] * 200 + ["==1==ERROR: AddressSanitizer: overflow"] + ["frame"] * 200
    shown = excerpt(lines)
    assert shown[0] == "==1==ERROR: AddressSanitizer: overflow"
    assert shown[CAUSE_LINES] == "[...]" and shown[CAUSE_LINES + 1:] == ["frame"] * TAIL_LINES


def test_many_causes_do_not_flood():
    lines = [line for n in range(50) for line in (f"a.cpp:{n}: Failure", *["x"] * CAUSE_LINES)]
    shown = excerpt(lines)
    assert [line for line in shown if line.endswith(": Failure")][:CAUSES_MAX] == [
        f"a.cpp:{n}: Failure" for n in range(CAUSES_MAX)]
    assert len(shown) == CAUSES_MAX * (CAUSE_LINES + 1) + TAIL_LINES
