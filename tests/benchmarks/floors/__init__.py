"""What nobody can go below: servers that answer without thinking, and the disk's own commits."""
