"""The license server: the shell round the seat core."""
