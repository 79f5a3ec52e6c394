"""Every parser with input that nobody meant: only its own errors come out, in bounded time and memory."""
