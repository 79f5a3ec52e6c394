"""Arrows point down: cli -> server, client, config, vendor, demo -> trust, wire, host -> core."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
GROUND = frozenset({"trust", "wire", "host", "database", "journal", "json", "toml", "core"})
MAY_IMPORT = {
    "core": frozenset[str](),
    "host": frozenset[str](),
    "json": frozenset[str](),
    "toml": frozenset[str](),
    "wire": frozenset({"core"}),
    "database": frozenset({"host"}),
    "journal": frozenset({"host", "database", "core"}),
    "trust": frozenset({"host", "json", "core"}),
    "config": frozenset({"host", "core"}),
    "vendor": GROUND,
    "server": GROUND,
    "client": GROUND | {"config"},
    "doctor": GROUND | {"config", "client", "server"},
    "notify": GROUND | {"config", "client"},
    "drill": GROUND | {"config", "client", "notify"},
    "demo": GROUND | {"config", "vendor", "server", "client"},
    "cli": GROUND | {"config", "vendor", "server", "client", "demo", "doctor", "drill", "notify"},
    "__init__": frozenset({"client"}),
    "__main__": frozenset({"cli"}),
}
"""The rooms of `sparekey`, and which others each of them knows."""
NOT_IN_CORE = frozenset(
    {"asyncio", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess", "threading", "time"}
)
"""What the cores are given by their shells: time and randomness come in as arguments."""
NOT_IN_THE_SDK = ("click", "rich", "starlette", "uvicorn", "httptools", "sparekey.server", "sparekey.cli")


@dataclass(frozen=True, slots=True)
class Import:
    """One import; `of` is the module's whole name."""

    file: Path
    line: int
    of: str

    @property
    def source(self) -> str:
        """The room that imports."""
        return self.file.relative_to(SOURCE / "sparekey").with_suffix("").parts[0]

    @property
    def target(self) -> str:
        """The room that is imported; "" where it is none of ours."""
        package, _, rest = self.of.partition(".")
        return (rest.partition(".")[0] or "__init__") if package == "sparekey" else ""

    def __str__(self) -> str:
        return f"{self.file.relative_to(SOURCE.parent)}:{self.line} imports {self.of}"


def _imports() -> Iterator[Import]:
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (Import(file, node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file}:{node.lineno}: imports are absolute here"
                module = node.module or ""
                names = [f"{module}.{alias.name}" for alias in node.names] if module == "sparekey" else [module]
                yield from (Import(file, node.lineno, name) for name in names)


def test_every_room_has_its_place() -> None:
    assert {each.source for each in _imports()} <= MAY_IMPORT.keys()


def test_arrows_point_down() -> None:
    wrong = [
        f"{each}: {each.source} knows {', '.join(sorted(MAY_IMPORT[each.source])) or 'no other room'}"
        for each in _imports()
        if each.target and each.target not in {each.source, *MAY_IMPORT[each.source]}
    ]
    assert not wrong, "\n".join(wrong)


def test_the_cores_import_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names - NOT_IN_CORE
    wrong = [
        f"{each}: it is to be given to the core, not got by it"
        for each in _imports()
        if each.source == "core" and not each.target and each.of.partition(".")[0] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_the_sdk_imports_neither_the_server_nor_the_command_line() -> None:
    program = f"import sys, sparekey; sparekey.acquire; print([m for m in {NOT_IN_THE_SDK} if m in sys.modules])"
    result = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
