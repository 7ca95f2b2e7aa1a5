"""Servers that many tests of one run use side by side, each with a database of its own."""
import atexit
import functools

from servers.postgres import PostgresServer
from servers.redis import RedisServer


@functools.cache
def postgres():
    """Started when first asked for; ends with the run."""
    server = PostgresServer()
    atexit.register(server.close)
    return server


@functools.cache
def redis():
    """Started when first asked for; ends with the run."""
    server = RedisServer()
    atexit.register(server.close)
    return server


def database_and_redis():
    """URLs: a new database, and a Redis that all share: by their epochs they are kept apart."""
    return postgres().database(), redis().url
