"""Requests per second against nginx with a static file of the same size, one core each."""
import json
import re
import socket
import statistics
import subprocess

from measuring import load, rooms
from measuring.machine import LOAD_CORE, SERVER_CORE, pinned
from http_client import call
from people import enter
from waiting import until

NGINX = """daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/error.log; events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000; default_type application/json;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5; open_file_cache max=16;
  sendfile on; tcp_nopush on;
  server {{ listen 127.0.0.1:{port}; root {folder}; }} }}
"""


class Nginx:
    """One nginx worker that serves `body` at /file."""

    def __init__(self, body):
        folder = rooms.FOLDER / "nginx"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "file").write_bytes(body)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=self.port), encoding="utf-8")
        self.process = subprocess.Popen(pinned(SERVER_CORE, "/usr/sbin/nginx", "-c", config),
                                        stderr=subprocess.DEVNULL)
        until(self._listens, "nginx listens")

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def wrk(port, path, seconds, token=None):
    """Requests per second; stops if a response was not 2xx."""
    header = ("-H", f"Authorization: Bearer {token}") if token else ()
    said = subprocess.run(
        pinned(LOAD_CORE, "wrk", "-t1", "-c32", f"-d{seconds}s", *header,
               f"http://127.0.0.1:{port}{path}"), capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"{path}: {said}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", said).group(1))


def _row(name, server, path, token, seconds, limit, pairs=3):
    body = call(server, "GET", path, token=token).body
    rates = []
    with Nginx(body) as nginx:
        for _ in range(pairs):
            rates.append((wrk(nginx.port, "/file", seconds),
                          wrk(server.port, path, seconds, token)))
    return {"what": name, "bytes": len(body), "limit": limit,
            "nginx_per_s": statistics.median(n for n, _ in rates),
            "banter_per_s": statistics.median(b for _, b in rates),
            "ratio": round(statistics.median(b / n for n, b in rates), 3)}


def measure(seconds=3):
    """/healthz, the history of a live conversation, and one that is read from disk."""
    data, people = rooms.fresh_copy("http")
    with load.banter(data) as server:
        conversations = [rooms.make(server, people, 1, 2)[0][0] for _ in range(2)]
        for conversation in conversations:
            socket_, _ = enter(server, people[0], conversation)
            person = people[0]
            for number in range(50):
                socket_.say(f"message {number}: the quick brown fox jumps over the lazy dog")
                socket_.json()
            socket_.close()
        server.restart()
        live, cold = conversations
        token = person.token
        socket_, _ = enter(server, person, live)
        path = "/api/chat/conversations/{}/history?limit=50"
        rows = [
            _row("/healthz", server, "/healthz", None, seconds, 0.5),
            _row("history, live", server, path.format(live), token, seconds, 0.5),
            _row("history, from disk", server, path.format(cold), token, seconds, 0.25)]
        socket_.close()
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
