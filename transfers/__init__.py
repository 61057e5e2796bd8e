"""Moving: recall from tape, copies, probes and removals, through ports that every backend keeps."""
