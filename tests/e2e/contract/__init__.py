"""The recorded behaviour that Banter keeps, and the code that replays it against a server."""
