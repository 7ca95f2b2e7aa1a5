"""What ./test is made of: the steps, the runner that executes them, and the counting of cases."""
