"""One process has the data: a server waits for one that is about to leave, but not for ever."""
import fcntl
import subprocess

from banter_process import BINARY, clean_environment, command
from http_client import call
from waiting import until


def serve(data):
    """Starts a server that may have to wait; its log goes to a pipe."""
    return subprocess.Popen(
        [str(BINARY), "serve", "--listen", "127.0.0.1:0", "--data", str(data)],
        env=clean_environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def test_a_server_waits_for_the_one_that_is_about_to_leave(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    with (data / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = serve(data)
        assert "event=store_in_use" in process.stderr.readline()
    assert any("event=listening" in line for line in process.stderr)
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_second_server_on_the_same_data_gives_up(server):
    done = command("serve", "--listen", "127.0.0.1:0", "--data", server.data, check=False,
                   secret=None)
    assert done.returncode == 3
    assert "event=store_in_use" in done.stderr and "event=store_not_opened" in done.stderr
    assert "is in use by another process" in done.stderr
    until(lambda: call(server, "GET", "/readyz").status == 200, "the first one goes on")
