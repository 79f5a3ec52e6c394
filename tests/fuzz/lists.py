"""The list of licenses: License.ini, the environment, and the locations in both."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from fuzz.target import Target, written
from sparekey.config import edits, file, sections
from sparekey.config.document import Document
from sparekey.config.faults import ConfigError
from sparekey.core.entries import EntryError, Location
from sparekey.server.sockets import parse_listen

LICENSE_INI = b"""; a plant
[Runtime]
PRODUCT = scada-runtime
SERIAL0 = 5-1042
SERIAL0_LOCATION = server-a:6350
SERIAL1 = "5-1043"   ; the backup
SERIAL1_LOCATION = [fe80::1]:7000
SERIAL2 = *
DEMO = 1
INITIAL_WAIT = 0.5
[Other]
x = y
"""
ENVIRONMENT = b"""RUNTIME_LICENSING_SERIAL0=5-1042
RUNTIME_LICENSING_SERIAL0_LOCATION=server-a:6350
RUNTIME_LICENSING_SERIAL1=*
RUNTIME_LICENSING_DEMO=1
RUNTIME_LICENSING_PRODUCT=p
"""
LOCATIONS = (b"server-a", b"server-a:6350", b"[::1]:6350", b"127.0.0.1", b":0", b"[fe80::1%eth0]:1")


def license_ini(data: bytes) -> None:
    document = Document.parse(data, "License.ini")
    assert bytes(document) == data
    with suppress(ConfigError):
        file.read_all(written(data), {})
    for app in ("Runtime", *(section.name for section in document.sections.values())):
        with suppress(ConfigError):
            assert sections.read(document, app).initial.number == 0
        with suppress(ConfigError, EntryError):
            after = edits.add(document, app, "5-9", Location("server-c"))
            assert sections.entries(Document.parse(bytes(after), "License.ini"), app)[-1].serial == "5-9"


def environment(data: bytes) -> None:
    pairs = (line.partition("=") for line in data.decode("utf-8", "surrogateescape").splitlines())
    environ = {name: value for name, _, value in pairs}
    with suppress(ConfigError):
        assert file.read(Path("/no/License.ini"), "Runtime", environ).initial.number == 0


def location(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    with suppress(EntryError):
        found = Location.parse(text)
        assert Location.parse(str(found)) == found
    with suppress(EntryError):
        parse_listen(text)


INI_WORDS = (
    b"[Runtime]",
    b"[",
    b"]",
    b"SERIAL0",
    b"serial1",
    b"_LOCATION",
    b"=",
    b'"',
    b";",
    b"#",
    b"\n",
    b" ",
    b"*",
    b"11",
    b"\xc4\xb0",
)
TARGETS = (
    Target("License.ini", license_ini, (LICENSE_INI, LICENSE_INI.decode().encode("utf-16")), INI_WORDS),
    Target("environment", environment, (ENVIRONMENT,), (b"RUNTIME_LICENSING_", *INI_WORDS)),
    Target("location", location, LOCATIONS, (b":", b"[", b"]", b"%", b"65536", b"/", b"\xc2\xb2", *LOCATIONS)),
)
