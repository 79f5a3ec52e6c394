"""License.ini on the disk: where it is, reading it, and changing it whole or not at all (R5)."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from sparekey.config import environment, sections
from sparekey.config.document import LARGEST, Document
from sparekey.config.faults import ConfigError, Fault, Place
from sparekey.config.replace import locked, replace
from sparekey.core.entries import LicenseList
from sparekey.host import read_at_most

NAME = "License.ini"
VARIABLE = "SPAREKEY_CONFIG"


def locate(option: Path | None, environ: Mapping[str, str]) -> Path:
    """Where License.ini is: as named, else SPAREKEY_CONFIG, else the site's configuration folder."""
    if option is not None:
        return option
    if named := environ.get(VARIABLE):
        return Path(named)
    return platformdirs.site_config_path("sparekey") / NAME


def load(path: Path) -> Document:
    """Read a file as it is, faults and all; raise ConfigError only where it cannot be read."""
    document = _load(path)
    if document is None:
        raise _failed(
            path, f"no such file; name one with --config or {VARIABLE}, or make it with `sparekey config add`"
        )
    return document


def read(path: Path, app: str, environ: Mapping[str, str]) -> LicenseList:
    """The list of an application; raise ConfigError with all that is wrong with it.

    The file need not be there where the environment lists the licenses.
    """
    given = environment.values(app, environ)
    document = Document(str(path)) if sections.has_entries(given) else load(path)
    return sections.read(document, app, given)


def spelled(path: Path, app: str, environ: Mapping[str, str]) -> str:
    """The application's name as its section has it: another case does not make it another application.

    Where the environment lists its licenses it is as given. Raise ConfigError where the file cannot be read.
    """
    if sections.has_entries(environment.values(app, environ)):
        return app
    section = load(path).section(app)
    return section.name if section else app


@dataclass(frozen=True, slots=True)
class Overview:
    """What a whole file says: the lists that are good, by application, and all faults."""

    lists: dict[str, LicenseList]
    faults: tuple[Fault, ...]


def read_all(path: Path, environ: Mapping[str, str]) -> Overview:
    """Every list of a file, as `read` gives it; raise ConfigError where the file cannot be read."""
    document = load(path)
    lists: dict[str, LicenseList] = {}
    faults = [*document.faults, *document.stray]
    for section in document.sections.values():
        if sections.is_ours(sections.values(document, section)):
            try:
                lists[section.name] = sections.read(document, section.name, environment.values(section.name, environ))
            except ConfigError as error:
                faults.extend(error.faults)
        else:
            faults.extend(section.faults)
    return Overview(lists, tuple(sorted(set(faults))))


def edit(path: Path, change: Callable[[Document], Document], *, make: bool = False) -> Document:
    """Change a file, made where it is missing if `make`, and return what it holds now; one edit waits for the other.

    Raise ConfigError where it cannot be written, and whatever `change` raises; the file is then as it was.
    """
    read = _load_or_new if make else load
    change(read(path))  # what is refused leaves no trace, not even a folder
    try:
        target = path.resolve()
        with _made(target.parent), locked(target):
            document = change(read(path))
            data = bytes(document)
            if len(data) > LARGEST:
                raise _failed(path, f"would be larger than {LARGEST // 1024} KB; take out what does not belong to it")
            replace(target, data)
    except OSError as error:
        raise _failed(path, f"cannot be written: {error.strerror}; it is as it was{_cure(error)}") from error
    return document


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """The folder, made where it is missing with those above it; where what follows fails, the new ones go again."""
    new = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        with suppress(OSError):
            for each in new:
                each.rmdir()
        raise


def _cure(error: OSError) -> str:
    match error.errno:
        case errno.EROFS:
            return "; edit it where it comes from, or mount it for writing"
        case errno.EACCES | errno.EPERM:
            return "; edit it as a user who may write it"
        case errno.ENOSPC | errno.EDQUOT:
            return "; free space on its disk"
        case errno.ETIMEDOUT:
            return "; try again"
    return ""


def _load(path: Path) -> Document | None:
    try:
        return Document.parse(read_at_most(path, LARGEST + 1), str(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _failed(path, f"cannot be read: {error.strerror}") from error


def _load_or_new(path: Path) -> Document:
    return _load(path) or Document(str(path))


def _failed(path: Path, text: str) -> ConfigError:
    return ConfigError([Fault(Place(str(path)), text)])
