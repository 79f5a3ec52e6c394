"""The licensed system: the shell round the redundancy core."""
