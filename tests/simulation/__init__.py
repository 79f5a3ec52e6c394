"""A whole plant in one process, from one seed: the real cores and the real ledger in a simulated world."""
