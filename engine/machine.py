"""What the machine says of itself, and which rooms the engine has: `show cpu`, `show plugins`."""

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any

CPUINFO = Path("/proc/cpuinfo")
FLAGS = {"pni": "sse3", "ssse3": "ssse3", "sse4_1": "sse41", "sse4_2": "sse42", "avx": "avx", "avx2": "avx2",
         "avx512f": "avx512f", "aes": "aes", "sha_ni": "sha", "nonstop_tsc": "invariant_tsc"}  # fmt: skip


def cpu(path: Path = CPUINFO) -> dict[str, Any]:
    """The processor as Linux lists its first core. Flags are the ones that VPP names, by VPP's names.

    base_ghz is that of the time stamp counter where Linux tells, and None where there is no such file.
    """
    text = path.read_text() if path.exists() else ""
    first = text.partition("\n\n")[0]
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in first.splitlines())}
    present = set(fields.get("flags", "").split())
    return {
        "model_name": fields.get("model name", "unknown"),
        "family": int(fields.get("cpu family", 0)),
        "model": int(fields.get("model", 0)),
        "flags": [name for flag, name in FLAGS.items() if flag in present],
        "base_ghz": float(fields["cpu MHz"]) / 1000 if "cpu MHz" in fields else None,
    }


def plugins(version: str) -> dict[str, Any]:
    """The features that are plugins in VPP: those whose package names its PLUGIN. path: the folder they are in."""
    features = import_module("engine.features")
    packages = [import_module(f"engine.features.{found.name}") for found in pkgutil.iter_modules(features.__path__)]
    named = sorted(package.PLUGIN for package in packages if hasattr(package, "PLUGIN"))
    rows = [{"name": name, "version": version, "description": description} for name, description in named]
    return {"path": features.__path__[0], "plugins": rows}
