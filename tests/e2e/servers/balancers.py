"""Real HAProxy and nginx with the configurations that the project ships, before nodes of a test."""
import pathlib
import re
import shutil

from servers.child import Child
from servers.ports import free_port, listens

DEPLOY = pathlib.Path(__file__).resolve().parents[3] / "deploy"


def replaced(text, *pairs):
    """`text` with each (pattern, replacement); what is not there to be replaced is a mistake."""
    for pattern, replacement in pairs:
        text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        assert count, f"nothing matches {pattern}"
    return text


class Balancer(Child):
    """Listens on host:port as a node does, so clients of the tests can be given either."""

    host = "127.0.0.1"

    def __init__(self, name, nodes):
        super().__init__(name)
        self.port = free_port()
        # Addresses, not names, and only as many as there are nodes.
        self.servers = [(rf"\bnode{number}:8000", f"{node.host}:{node.port}")
                        for number, node in enumerate(nodes, 1)]

    def begin(self, *words):
        """Starts it and waits until it takes connections."""
        self.spawn(*words)
        self.wait_ready(lambda: listens(self.port), "the balancer listens")


class HaProxy(Balancer):
    """deploy/haproxy/haproxy.cfg."""

    def __init__(self, nodes):
        super().__init__("haproxy", nodes)
        text = (DEPLOY / "haproxy" / "haproxy.cfg").read_text("utf-8")
        (self.folder / "haproxy.cfg").write_text(
            replaced(text, (r"bind :8000", f"bind 127.0.0.1:{self.port}"),
                     (r"maxconn \d+", "maxconn 1000"), *self.servers), "utf-8")
        self.begin(shutil.which("haproxy", path="/usr/sbin:/usr/bin"), "-db", "-f",
                   self.folder / "haproxy.cfg")


class Nginx(Balancer):
    """deploy/nginx/banter.conf, in the least that nginx needs around it."""

    def __init__(self, nodes):
        super().__init__("nginx", nodes)
        text = (DEPLOY / "nginx" / "banter.conf").read_text("utf-8")
        site = replaced(text, (r"listen 8000;", f"listen 127.0.0.1:{self.port};"),
                        (r"/var/log/nginx", str(self.folder)), *self.servers)
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\npid {self.folder}/pid;\nerror_log stderr;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{\n{temporary}{site}}}\n", "utf-8")
        self.begin(shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-c",
                   self.folder / "nginx.conf", "-p", self.folder, "-e", "stderr")
