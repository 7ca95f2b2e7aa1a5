"""Real databases and balancers for tests: each with a directory and ports of its own, ended by pid.

Nothing of the system's own services is used or touched. What is not installed fails the test.
"""
