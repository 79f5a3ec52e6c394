"""The load generator: many holders in a process of its own, that ask as fast as they are answered."""
