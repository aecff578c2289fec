"""Build of the extension modules; everything else stands in pyproject.toml.

Switches, all environment variables:

VPPSH_DEBUG=1     -O1, assertions in the packet path, bounds checks in Cython
VPPSH_SANITIZE=1  AddressSanitizer and UndefinedBehaviorSanitizer, with VPPSH_DEBUG's checks
VPPSH_MARCH=ARCH  instruction set: "native" unless said otherwise; wheels use "x86-64-v2"
VPPSH_ONLY=PATHS  colon separated folders: build only the modules below them (for a quick turn)
"""

import os
import platform
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("VPPSH_DEBUG") == "1"
SANITIZE = os.environ.get("VPPSH_SANITIZE") == "1"
MARCH = os.environ.get("VPPSH_MARCH", "native")
ONLY = [folder for folder in os.environ.get("VPPSH_ONLY", "").split(":") if folder]

# warnings that Cython's own code gives
GENERATED_CODE = ("unused-function", "unused-but-set-variable", "sign-compare", "maybe-uninitialized")

BUILD_DIR = "build/" + ("sanitize" if SANITIZE else "debug" if DEBUG else "cython")

# Nodes are inline functions with constant arguments, one copy a variant: gcc must not tire of inlining them
INLINE = [
    "--param=inline-unit-growth=1000",
    "--param=large-function-growth=5000",
    "--param=max-inline-insns-single=5000",
]


def compile_args() -> list[str]:
    """Flags for the compiler; the packet path reads headers through packed structs of any alignment."""
    args = ["-fno-strict-aliasing", "-fwrapv", *(f"-Wno-{noise}" for noise in GENERATED_CODE)]
    if platform.machine() in ("x86_64", "AMD64"):
        args.append(f"-march={MARCH}")
    if SANITIZE:
        # Cython's own argument parsing casts function pointers: 'function' is noise, the rest is ours
        args += ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"]
    args += ["-O1", "-g", "-DVPPSH_DEBUG"] if DEBUG or SANITIZE else ["-O3", "-g0", *INLINE]
    return args


def link_args() -> list[str]:
    return ["-fsanitize=address,undefined"] if SANITIZE else []


def wanted(path: Path) -> bool:
    return not ONLY or any(path.is_relative_to(folder) for folder in ONLY)


def extensions() -> list[Extension]:
    return [
        Extension(
            str(path.with_suffix("")).replace(os.sep, "."),
            [str(path)],
            extra_compile_args=compile_args(),
            extra_link_args=link_args(),
        )
        for path in sorted(Path("engine").rglob("*.pyx"))
        if wanted(path)
    ]


setup(
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
    ext_modules=cythonize(
        extensions(),
        build_dir=BUILD_DIR,
        nthreads=os.cpu_count() or 1,
        annotate=os.environ.get("VPPSH_ANNOTATE") == "1",
        compiler_directives={
            "language_level": 3,
            "boundscheck": DEBUG or SANITIZE,
            "wraparound": False,
            "initializedcheck": False,
            "cdivision": True,
            "embedsignature": True,
            "show_performance_hints": False,
        },
    ),
)
