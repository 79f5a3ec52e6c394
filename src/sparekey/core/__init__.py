"""The rules of Sparekey: small state machines that know no socket, file, thread or clock."""
