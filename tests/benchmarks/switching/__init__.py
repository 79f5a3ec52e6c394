"""Who switches when a license server is killed: real applications, simulated systems; and candidates that are dead."""
