"""Waiting for conditions, with a deadline and never for a fixed time."""
import os
import time

# Sanitizers slow the server down; a deadline is a bound for a broken server, never a measurement.
FACTOR = {"asan": 4, "tsan": 8}.get(os.environ.get("BANTER_PRESET", ""), 1)


def until(condition, what, seconds=5.0, every=0.01):
    """Returns the first true value of condition(); fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds * FACTOR
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds * FACTOR:.1f} s still not so: {what}")
        time.sleep(every)  # the poll's pause, not a guess at how long something takes
