"""Many holders that keep their seats: a process of their own, that renews as they would."""
