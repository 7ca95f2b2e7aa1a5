"""`banter verify URL…`: a run against real servers, and what stands in its way."""
import http.server
import json
import re
import signal
import subprocess
import threading

import pytest

from banter_process import BINARY, clean_environment, command
from http_client import call
from nodes import Deployment
from servers.ports import free_port
from servers.postgres import PostgresServer
from servers.tcp_proxy import TcpProxy
from waiting import until

LIVELY = ("--duration", "4s", "--rate", "10", "--seed", "5")


def verify(folder, *words, **options):
    return command("verify", *words, "--history", folder / "run.jsonl", check=False, cwd=folder,
                   seconds=90, **options)


def test_a_server_keeps_its_promise(server, folder):
    done = verify(folder, server.url, *LIVELY, "--conversations", "2", "--json")
    assert done.returncode == 0, done
    report = json.loads(done.stdout)
    figures = report["figures"]
    assert (report["verdict"], report["run"]["seed"]) == ("holds", 5)
    assert figures["acks"] > 50 and figures["deliveries"] > 50 and figures["unknown"] == 0, figures
    kinds = {json.loads(line)["type"] for line in (folder / "run.jsonl").open(encoding="utf-8")}
    assert {"connect", "refused", "history", "message", "send", "ack", "close", "read", "result",
            "final", "sample", "load", "end"} <= kinds


@pytest.mark.nodes
def test_two_nodes_keep_their_promise(folder):
    with Deployment(2) as deployment:
        done = verify(folder, *(node.url for node in deployment.nodes), *LIVELY)
        assert done.returncode == 0 and done.stdout.startswith("the promise holds\n"), done


@pytest.mark.nodes
def test_a_node_that_is_not_healthy_at_first_is_given_a_while(folder):
    with PostgresServer() as postgres, Deployment(1, postgres=postgres) as one:
        with TcpProxy(one.nodes[0].port) as watched:
            postgres.pause()

            def resume_when_told(piece):
                if b" 503 " in piece:
                    postgres.resume()
                return piece
            watched.rewrite = resume_when_told
            until(lambda: call(one.nodes[0], "GET", "/healthz").status == 503, "not healthy", 10)
            done = verify(folder, f"http://127.0.0.1:{watched.port}", *LIVELY)
            assert done.returncode == 0, done


def test_a_node_that_shows_another_text_is_caught(server, folder):
    with TcpProxy(server.port) as liar:
        liar.rewrite = lambda piece: piece.replace(b"hello", b"jello")
        done = verify(folder, server.url, f"http://127.0.0.1:{liar.port}", *LIVELY)
        assert done.returncode == 1 and "THE PROMISE IS BROKEN" in done.stdout, done
        # Which of them depends on who was first to read a message, the liar's clients or others.
        assert re.search(r"(read_was_sent|one_message_per_seq) +\d+ BAD", done.stdout), done


def test_it_deletes_its_accounts_if_asked(server, folder):
    done = verify(folder, server.url, *LIVELY, "--clean-up", "--data", server.data,
                  environment=server.environment)
    assert done.returncode == 0 and "deleted the 4 accounts" in done.stderr, done
    assert "verify-" not in server.admin("user", "list").stdout


def begin(folder, server):
    """A long run, when its clients have begun to talk."""
    process = subprocess.Popen(
        [str(BINARY), "verify", server.url, "--duration", "1h", "--rate", "20", "--history",
         str(folder / "run.jsonl")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=clean_environment())
    until(lambda: server.admin("conversation", "list", "--json").stdout.count('"id"') > 0,
          "it has made its conversation")
    until(lambda: "101" in server.log(), "its clients are connected")
    return process


def test_an_interrupted_run_is_judged_by_what_there_is(server, folder):
    process = begin(folder, server)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and out.startswith("the promise holds\n"), out + err


class Other(http.server.BaseHTTPRequestHandler):
    """A server that is not Banter."""

    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"ok":true}')

    def log_message(self, *_):
        """Quiet."""


def test_what_is_no_banter_is_told(folder):
    other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    try:
        done = verify(folder, f"http://127.0.0.1:{other.server_port}")
    finally:
        other.shutdown()
        other.server_close()
    assert done.returncode == 2 and "is no Banter server" in done.stderr, done
    assert not (folder / "run.jsonl").exists()


MISTAKES = {
    "no nodes": ((), "name the nodes"),
    "no scheme": (("127.0.0.1:8000",), "write http://HOST:PORT"),
    "another scheme": (("ws://127.0.0.1:8000",), "neither http nor https"),
    "a password": (("http://a:b@127.0.0.1:8000",), "more than a host"),
    "a duration": (("http://127.0.0.1:1", "--duration", "soon"), "write 30s, 15m or 2h"),
    "too long": (("http://127.0.0.1:1", "--duration", "12h"), "from 1s to 11h"),
    "both": (("http://127.0.0.1:1", "--check", "x"), "give one"),
}


@pytest.mark.parametrize("words, why", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told(folder, words, why):
    done = command("verify", *words, check=False, cwd=folder)
    assert done.returncode == 2 and why in done.stderr, done
    assert not list(folder.iterdir())


def test_a_node_that_does_not_answer_is_told(folder):
    done = verify(folder, f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 2 and "does not answer" in done.stderr, done
    assert not (folder / "run.jsonl").exists()
