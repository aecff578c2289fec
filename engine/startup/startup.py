"""Reads a startup file: every section by its declaration, all of them or nothing."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..cli.sections import blocks
from ..errors import StartupError
from ..features.acl.options import SECTION as ACL
from ..features.acl.options import Options as AclOptions
from ..features.nat44.options import SECTION as NAT
from ..features.nat44.options import Options as NatOptions
from . import system
from .system import Cpu, Unix

SECTIONS = {  # with the fields of Startup that they set
    "unix": (system.UNIX, "unix"),
    "cpu": (system.CPU, "cpu"),
    "buffers": (system.BUFFER_POOL, "buffers"),
    "dpdk": (system.DPDK, "mbufs"),
    "api-segment": (system.API_SEGMENT, "api_group"),
    "logging": (system.LOGGING, "log_level"),
    "nat": (NAT, "nat"),
    "acl-plugin": (ACL, "acl"),
}


@dataclass(frozen=True)
class Startup:
    """What a startup file says.

    buffers, mbufs: packet buffers, as later VPP and as VPP 18 says it; None where it does not. api_group: of the
    control socket. log_level: as Python's logging counts. warnings: what has no effect here, each with its line.
    """

    unix: Unix = field(default_factory=Unix)
    cpu: Cpu = field(default_factory=Cpu)
    buffers: int | None = None
    mbufs: int | None = None
    api_group: int | None = None
    log_level: int | None = None
    nat: NatOptions = field(default_factory=NatOptions)
    acl: AclOptions = field(default_factory=AclOptions)
    warnings: tuple[str, ...] = ()


def read_startup(source: str | os.PathLike[str] | None) -> Startup:
    """A startup file, given as its text (which has braces) or its path; None says nothing.

    Raises:
        StartupError: it cannot be read, or something in it is wrong; file and line say where.
    """
    if source is None:
        return Startup()
    if isinstance(source, str) and ("{" in source or "}" in source or not source.strip()):
        return _parse(source, "startup")
    return _parse(_read(Path(source)), str(source))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"cannot be read: {getattr(error, 'strerror', None) or error}", str(path)) from error


def _parse(text: str, file: str) -> Startup:
    found: dict[str, Any] = {}
    warnings: list[str] = []
    seen: dict[str, int] = {}

    for block in blocks(text, file):
        if block.name in seen:  # VPP takes the last one, too
            warnings.append(block.note(f"takes the place of the section in line {seen[block.name]}"))
        seen[block.name] = block.line
        if block.name in system.WITHOUT_EFFECT:
            warnings.append(block.note("the section has no effect"))
        elif block.name not in SECTIONS:
            raise StartupError(f"unknown section `{block.name}'", file, block.line)
        else:
            section, name = SECTIONS[block.name]
            found[name], ignored = section.read(block)
            warnings += ignored
    return Startup(**found, warnings=tuple(warnings))
