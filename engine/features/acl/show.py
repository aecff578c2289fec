"""What the show commands of ACLs, interfaces and lookup contexts print."""

from collections.abc import Iterator
from typing import Any

from engine.cli import CliError
from engine.cli.format import lines, vformat

from .config import AccessList, Acl, Context

NONE = -1


def joined(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


# ---- show acl-plugin acl


def chosen(acl: Acl, index: int | None) -> list[AccessList]:
    return [each for each in acl.acls if each is not None and index in (None, each.index)]


def acl_data(each: AccessList) -> dict[str, Any]:
    rules = [rule.data() | {"text": rule.text()} for rule in each.rules]
    return {"acl_index": each.index, "tag": each.tag, "rules": rules}


def users_of(acl: Acl, kind: bool | None, index: int) -> list[int] | None:
    """Interfaces or contexts that use an ACL; None while no ACL of that or a higher index was ever used so."""
    users = acl.users[kind]
    return list(users[index]) if index < len(users) else None


def acls_data(acl: Acl, index: int | None) -> list[dict[str, Any]]:
    return [
        acl_data(each)
        | {
            "inbound": users_of(acl, True, each.index),
            "outbound": users_of(acl, False, each.index),
            "contexts": users_of(acl, None, each.index),
        }
        for each in chosen(acl, index)
    ]


def rules_text(data: dict[str, Any]) -> Iterator[str]:
    yield f"acl-index {data['acl_index']} count {len(data['rules'])} tag {{{data['tag']}}}"
    for number, rule in enumerate(data["rules"]):
        yield vformat("  %4d: %s", number, rule["text"])


TRAILERS = {
    "inbound": "  applied inbound on sw_if_index: ",
    "outbound": "  applied outbound on sw_if_index: ",
    "contexts": "  used in lookup context index: ",
}


def acls_text(data: list[dict[str, Any]]) -> str:
    out: list[str] = []
    for each in data:
        out += rules_text(each)
        out += [text + joined(each[name]) for name, text in TRAILERS.items() if each[name] is not None]
    return lines(out)


# ---- show acl-plugin interface


def direction_data(acl: Acl, sw_if_index: int, is_input: bool) -> dict[str, Any]:
    context = acl.by_interface.get((sw_if_index, is_input))
    lists = acl.list_of(sw_if_index, is_input)
    epochs = [index for index in range(acl.last_interface + 1) if acl.state.epoch(index, is_input) is not None]
    epoch = acl.state.epoch(sw_if_index, is_input) or 0
    return {
        "acls": lists,
        "rules": [acl_data(acl.get(index)) for index in lists],
        "lc_index": context.index if context else NONE,
        "policy_epoch": epoch if epochs and sw_if_index <= max(epochs) else None,
    }


def interfaces_data(acl: Acl, sw_if_index: int | None) -> list[dict[str, Any]]:
    return [
        {
            "sw_if_index": index,
            "input": direction_data(acl, index, True),
            "output": direction_data(acl, index, False),
        }
        for index in range(acl.last_interface + 1)
        if sw_if_index in (None, index)
    ]


def interfaces_text(data: list[dict[str, Any]], with_rules: bool, detail: bool) -> str:
    out: list[str] = []
    for row in data:
        out.append(f"sw_if_index {row['sw_if_index']}:")
        for name, blanks in (("input", "   "), ("output", "  ")):
            if row[name]["policy_epoch"] is not None:
                out.append(f"{blanks}{name} policy epoch: {row[name]['policy_epoch']:x}")
        for name in ("input", "output"):
            out += list_text(name, row[name], with_rules)
        if detail:
            out.append(f"   input lookup context index: {row['input']['lc_index']}")
            out.append(f"  output lookup context index: {row['output']['lc_index']}")
    return lines(out)


def list_text(name: str, data: dict[str, Any], with_rules: bool) -> Iterator[str]:
    if not data["acls"]:
        return
    yield f"  {name} acl(s): {joined(data['acls'])}"
    if with_rules:
        yield ""
        for each in data["rules"]:
            yield from rules_text(each)
        yield ""


# ---- show acl-plugin lookup


def contexts_data(acl: Acl, index: int | None) -> list[dict[str, Any]]:
    if not acl.contexts:
        raise CliError("ACL lookup contexts are not initialized")
    return [context_data(each) for each in acl.contexts if each is not None and index in (None, each.index)]


def context_data(context: Context) -> dict[str, Any]:
    return {
        "lc_index": context.index,
        "user": context.owner,
        "sw_if_index": context.sw_if_index,
        "is_input": None if context.is_input is None else int(context.is_input),
        "acls": list(context.acls),
    }


def contexts_text(data: list[dict[str, Any]]) -> str:
    return lines(
        f"index {row['lc_index']}:{row['user']} sw_if_index: {row['sw_if_index']} {second_value(row['is_input'])}, "
        f"acl_indices: {joined(row['acls'])}"
        for row in data
    )


def second_value(is_input: int | None) -> str:
    """Other features than ours have no use for the second number, and no name."""
    return "(null): 0" if is_input is None else f"is_input: {is_input}"


def users_data(acl: Acl, index: int | None) -> list[dict[str, Any]]:
    names = ("name", "first", "second")
    rows = [{"index": i} | dict(zip(names, user, strict=True)) for i, user in enumerate(acl.profile.lookup_users)]
    return [row for row in rows if index in (None, row["index"])]


def users_text(data: list[dict[str, Any]]) -> str:
    return lines(vformat("index %d:%s:%s:%s", row["index"], row["name"], row["first"], row["second"]) for row in data)


# ---- show acl


def names_of(vpp: Any, indices: list[int]) -> list[str]:
    return [vpp.interfaces.by_index[index].name for index in indices]


def summary_data(vpp: Any, index: int | None) -> list[dict[str, Any]]:
    acl = vpp.acl
    return [
        {
            "acl_index": each.index,
            "tag": each.tag,
            "input": names_of(vpp, users_of(acl, True, each.index) or []),
            "output": names_of(vpp, users_of(acl, False, each.index) or []),
            "rules": [
                rule.data() | {"text": rule.text(), "hits": hits}
                for rule, hits in zip(each.rules, acl.hits(each.index), strict=True)
            ],
        }
        for each in chosen(acl, index)
    ]


def summary_text(data: list[dict[str, Any]]) -> str:
    out: list[str] = []
    for row in data:
        tag = f" {row['tag']}" if row["tag"] else ""
        out.append(f"acl {row['acl_index']}{tag}")
        for name in ("input", "output"):
            if row[name]:
                out.append(f"  {name} of {', '.join(row[name])}")
        if not row["input"] and not row["output"]:
            out.append("  not applied")
        out.append("  rule      hits")
        out += [vformat("  %4d%10d  %s", i, rule["hits"], rule["text"]) for i, rule in enumerate(row["rules"])]
    return lines(out) if out else "no ACLs\n"
