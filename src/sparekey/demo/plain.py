"""The demo as plain lines, where no terminal is: each as it happens."""

from __future__ import annotations

from collections.abc import Callable

from sparekey.demo.scene import Heading, Tale


class PlainScreen:
    """Writes each heading and each happening once."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._heading: Heading | None = None
        self._told = 0

    def show(self, scene: Tale) -> None:
        for happening in scene.happenings[self._told :]:
            self._write(f"{happening.at:6.2f} s  {happening.text}")
        self._told = len(scene.happenings)
        if scene.heading != self._heading:
            self._heading = scene.heading
            self._write(f"\n{scene.heading.what}.\n{scene.heading.why}\n")
