"""Arrows between the floors of the house point down. docs/architecture.md says what the floors are."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# The floor of a module is that of the longest prefix that fits it.
FLOORS = {
    "engine.errors": 0,
    "engine.tables": 1,
    "engine.wire": 1,
    "engine.core": 2,
    "engine.live": 2,
    "engine.cli": 2,
    "engine.messages": 2,  # to the binary API what engine.cli is to the console: the form, and no message
    "engine.net": 3,
    "engine.devices": 3,
    "engine.features": 4,
    "engine": 5,
    "engine.server": 6,
}
PROTOCOL = "engine.server.protocol"  # all that the shell may know of the engine; it imports nothing of it either

FROM = re.compile(r"^[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+c?import[ \t]+(\([^)]*\)|[^\n]*)", re.MULTILINE)
PLAIN = re.compile(r"^[ \t]*c?import[ \t]+([\w., \t]+)", re.MULTILINE)
DOCSTRING = re.compile(r'""".*?"""', re.DOTALL)


def sources(package):
    return sorted(path for path in (ROOT / package).rglob("*") if path.suffix in (".py", ".pyx", ".pxd", ".pyi"))


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(path):
    return ".".join(path.relative_to(ROOT).parent.parts)


def resolve(package, name):
    """The full name of a module that `package` calls `name`, leading dots and all."""
    dots = len(name) - len(name.lstrip("."))
    if not dots:
        return name
    base = package.split(".")[: len(package.split(".")) - (dots - 1)]
    return ".".join(filter(None, [*base, name.lstrip(".")]))


def with_names(package, module, names):
    """`from . import a, b` names modules too: one entry each, as far as they are modules."""
    base = resolve(package, module)
    for name in re.findall(r"(\w+)(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:,|$|\n|\)|#)", names):
        inner = ROOT / Path(*base.split("."), name)
        is_module = inner.is_dir() or any(inner.with_suffix(suffix).exists() for suffix in (".py", ".pyx", ".pxd"))
        yield f"{base}.{name}" if is_module else base


def checked_only(tree):
    """Imports under `if TYPE_CHECKING:` are for the reader; nothing is imported when the program runs."""
    return {
        node
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for statement in branch.body
        for node in ast.walk(statement)
    }


def python_imports(path):
    tree = ast.parse(path.read_text())
    ignored = checked_only(tree)
    for node in ast.walk(tree):
        if node in ignored:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = ", ".join(alias.name for alias in node.names)
            yield from with_names(package_of(path), "." * node.level + (node.module or ""), names)


def cython_imports(path):
    text = DOCSTRING.sub("", path.read_text())
    for module, names in FROM.findall(text):
        yield from with_names(package_of(path), module, names)
    for modules in PLAIN.findall(text):
        yield from (module.split()[0] for module in modules.split(",") if module.strip())


def imports(path):
    return set(cython_imports(path) if path.suffix in (".pyx", ".pxd") else python_imports(path))


def floor(module):
    fits = [prefix for prefix in FLOORS if module == prefix or module.startswith(prefix + ".")]
    return FLOORS[max(fits, key=len)] if fits else None


def arrows_up(path):
    own = floor(module_of(path))
    for imported in imports(path):
        # the package itself holds nothing but the engine, whose name callers import from it
        target = floor(imported)
        if target is not None and target > own:
            yield f"{path.relative_to(ROOT)} (floor {own}) imports {imported} (floor {target})"


def test_no_arrow_points_up():
    found = [arrow for path in sources("engine") for arrow in arrows_up(path)]
    assert not found, "\n".join(found)


def test_the_shell_knows_only_the_protocol():
    found = [
        f"{path.relative_to(ROOT)} imports {imported}"
        for path in sources("shell")
        for imported in imports(path)
        if (imported == "engine" or imported.startswith("engine.")) and imported != PROTOCOL
    ]
    assert not found, "\n".join(found)


def test_the_server_cimports_nothing():
    server = ROOT / "engine" / "server"
    assert not [path for path in server.rglob("*") if path.suffix in (".pyx", ".pxd")]


def test_features_do_not_know_each_others_insides():
    """One feature may use another's declared interface (a .pxd, its package), never its commands or config."""
    found = []
    for path in sources("engine/features"):
        own = module_of(path).split(".")[2:3]
        for imported in imports(path):
            parts = imported.split(".")
            if parts[:2] == ["engine", "features"] and parts[2:3] != own and parts[-1] in ("commands", "config"):
                found.append(f"{path.relative_to(ROOT)} imports {imported}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("engine/core/x.py", "from ..features.acl import nodes", {"engine.features.acl"}),
        ("engine/core/x.py", "from .. import features", {"engine.features"}),
        (
            "engine/core/x.pyx",
            "from ..features cimport (acl,\n    nat44)",
            {"engine.features.acl", "engine.features.nat44"},
        ),
        ("engine/core/x.pyx", "cimport engine.features.acl as a, libc.stdint", {"engine.features.acl", "libc.stdint"}),
        ("engine/core/x.pyx", '"""\nfrom ..features cimport acl\n"""\nfrom libc cimport math', {"libc"}),
        ("engine/core/x.py", "def f():\n    import engine.server", {"engine.server"}),
        (
            "engine/core/x.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..engine import Engine\n",
            {"typing"},
        ),
    ],
)
def test_imports_are_found(tmp_path, monkeypatch, name, text, expected):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    for folder in ("engine/features/acl", "engine/features/nat44"):
        (tmp_path / folder).mkdir(parents=True)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert imports(path) == expected


def test_an_arrow_that_points_up_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    path = tmp_path / "engine" / "tables" / "x.pyx"
    path.parent.mkdir(parents=True)
    path.write_text("from engine.core.graph cimport node_t\n")
    assert list(arrows_up(path)) == ["engine/tables/x.pyx (floor 1) imports engine.core.graph (floor 2)"]
