"""Time: the steps, the jobs, the configuration, the commands. The room that wires the others together."""
