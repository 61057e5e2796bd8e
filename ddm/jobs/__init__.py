"""Jobs: the runner port, the papers a job carries, the local runner, and the worker program."""
