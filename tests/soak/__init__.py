"""The primary license server is killed again and again under applications that renew: `make soak KILLS=n`."""
