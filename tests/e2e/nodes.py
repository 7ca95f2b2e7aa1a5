"""A deployment: several Banter nodes on one PostgreSQL and one Redis."""
from banter_process import Banter
from servers import shared
from waiting import until


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


def ends_with_2(**named):
    """The log of a node that cannot begin, and says so with exit status 2."""
    node = Banter(None, start=False, **named)
    try:
        node.start(ready=False)
    except AssertionError:
        pass  # it ended before it listened
    try:
        until(lambda: not node.running(), "the node ends", 20)
        assert node.wait() == 2, node.log()
        return node.log()
    finally:
        node.close()
