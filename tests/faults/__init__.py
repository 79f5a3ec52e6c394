"""The faults of real machines, disks and networks, and what real processes make of them."""
