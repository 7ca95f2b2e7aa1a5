"""A deployment: several Banter nodes on one PostgreSQL and one Redis."""
from banter_process import Banter
from servers import shared


class Deployment:
    """`nodes` share a new database, and Redis unless redis is None."""

    def __init__(self, count=3, *options, postgres=None, redis="shared", **named):
        self.postgres = postgres or shared.postgres()
        self.database = self.postgres.database()
        if redis == "shared":
            redis = shared.redis().url
        self.redis = redis
        self.named = {"database": self.database, "redis": redis, **named}
        self.options = options
        self.nodes = []
        for _ in range(count):
            self.add()

    def add(self, **named):
        """One more node."""
        node = Banter(None, *self.options, **{**self.named, **named})
        self.nodes.append(node)
        return node

    def close(self):
        """Ends all nodes."""
        for node in self.nodes:
            node.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
