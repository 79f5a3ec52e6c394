"""`sparekey doctor`: `system` and `server` examine, `visit` and `folder` gather facts, and the rest judges them."""
