"""The `binary-api` lines of the transcripts, as CLI.

18.10 has no command for ACLs, so they were made through VPP's binary API. Here they become the commands
that later releases have for the same.
"""

import re

ANY_INTERFACE = re.compile(r"^(\S+) +(\d+) +(?:up|down)", re.MULTILINE)
APPLIED = re.compile(r"^  (input|output) acl\(s\): ([\d, ]+)$", re.MULTILINE)


def is_binary_api(line: str) -> bool:
    return line.startswith("binary-api ")


def interface_name(vpp, sw_if_index: int) -> str:
    for name, index in ANY_INTERFACE.findall(vpp.cli("show interface")):
        if int(index) == sw_if_index:
            return name
    raise LookupError(f"no interface {sw_if_index}")


def add_replace(words: str) -> list[str]:
    """`[INDEX] ipv4 RULE, ipv4 RULE ...`."""
    index, _, rules = words.partition(" ") if words[0].isdigit() else ("", "", words)
    command = "set acl-plugin acl " + (f"index {index} " if index else "")
    return [command + re.sub(r"(^|, )ipv4 ", r"\1", rules)]


def applied(vpp, sw_if_index: int) -> dict[str, list[int]]:
    text = vpp.cli(f"show acl-plugin interface sw_if_index {sw_if_index}", check=False)
    return {side: [int(n) for n in re.findall(r"\d+", acls)] for side, acls in APPLIED.findall(text)}


def set_acl_list(vpp, words: str) -> list[str]:
    """`sw_if_index N input A B output C`: the interface has these and no others afterwards.

    VPP sets the output list first, which shows in the numbers of lookup contexts.
    """
    match = re.fullmatch(r"sw_if_index (\d+) input([ \d]*?) ?output([ \d]*)", words)
    sw_if_index = int(match[1])
    name = interface_name(vpp, sw_if_index)
    before = applied(vpp, sw_if_index)
    lines = []
    for side, wanted in (("output", match[3]), ("input", match[2])):
        new = [int(n) for n in wanted.split()]
        old = before.get(side, [])
        if new[: len(old)] != old:
            lines += [f"set acl-plugin interface {name} {side} acl {n} del" for n in old]
            old = []
        lines += [f"set acl-plugin interface {name} {side} acl {n}" for n in new[len(old) :]]
    return lines


def commands(vpp, line: str) -> list[str]:
    """The CLI lines that do what a `binary-api` line did; `vpp` is asked what stands there now."""
    _, message, *words = line.split(" ", 2)
    rest = words[0].strip() if words else ""
    if message == "acl_add_replace":
        return add_replace(rest)
    if message == "acl_del":
        return [f"delete acl-plugin acl index {rest}"]
    if message == "acl_interface_set_acl_list":
        return set_acl_list(vpp, rest)
    raise LookupError(f"no CLI for {message}")
