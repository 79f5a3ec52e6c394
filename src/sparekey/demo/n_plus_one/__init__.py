"""A plant of several systems that share their licenses, and one backup for all of them: N+1 for N (R11)."""
