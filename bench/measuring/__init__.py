"""What bench/run.py is made of: rooms, servers, the workloads and the table of results."""
