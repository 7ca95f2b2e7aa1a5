"""Ports that were free a moment ago."""
import random
import socket

# Below the range that the kernel hands out by itself, and so that +10,000 (the bus of a Redis
# Cluster) is a port too.
LOWEST, HIGHEST = 11000, 21999


def free_port(also=()):
    """A port of 127.0.0.1 on which nobody listens; nor on this port plus each of `also`."""
    for _ in range(200):
        port = random.randint(LOWEST, HIGHEST)
        if all(_is_free(port + more) for more in (0, *also)):
            return port
    raise AssertionError("no free port found")


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listens(port):
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
