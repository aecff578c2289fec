"""`show acl-plugin tables`: the rules as VPP 18.10 lays them out, see layout.py.

Incidental and not reproduced: the base address of VPP's arena.
"""

from collections.abc import Callable, Iterator
from typing import Any

from engine.cli.format import lines, vformat

from .config import Acl
from .layout import ARENA_BUCKET, ContextLayout, Words
from .session_show import hash_table, hash_table_text
from .show import joined

PARTS = ("mask", "acl", "applied", "hash")
TABLE_MEMORY = 64 << 20
NONE = -1


def words_text(words: Words) -> str:
    return " ".join(f"{word:016x}" for word in words)


def tables_data(acl: Acl, parts: list[str], acl_index: int | None, lc_index: int | None) -> dict[str, Any]:
    makers: dict[str, Callable[[], Any]] = {
        "mask": lambda: masks_data(acl),
        "acl": lambda: acls_data(acl, acl_index),
        "applied": lambda: contexts_data(acl, lc_index),
        "hash": lambda: hash_table(
            "ACL plugin rule lookup bihash", acl.layout.elements, acl.layout.most_elements, ARENA_BUCKET, TABLE_MEMORY
        ),
    }
    return {part: makers[part]() for part in parts}


def masks_data(acl: Acl) -> list[dict[str, Any]]:
    return [{"index": i, "words": words, "refcount": n} for i, words, n in acl.layout.masks.used()]


def acls_data(acl: Acl, acl_index: int | None) -> list[dict[str, Any]]:
    return [
        {
            "acl_index": index,
            "contexts": list(acl.users[None][index]) if index < len(acl.users[None]) else [],
            "rules": [
                {"words": each.key, "base_mask": each.base_index, "action": each.rule.action} for each in prepared
            ],
        }
        for index, prepared in sorted(acl.layout.acls.items())
        if acl_index in (None, index)
    ]


def contexts_data(acl: Acl, lc_index: int | None) -> list[dict[str, Any]]:
    return [
        {"lc_index": context.index, "acls": list(context.acls)}
        | layout_data(acl.layout.contexts[context.index], acl.rule_hits(context))
        for context in acl.contexts
        if context is not None and lc_index in (None, context.index)
    ]


def layout_data(layout: ContextLayout, hits: dict[tuple[int, int], tuple[int, int]]) -> dict[str, Any]:
    chains = layout.chains()
    rows: list[dict[str, Any]] = []
    for place, entry in enumerate(layout.entries):
        chain = chains[entry.mask_index, entry.masked_key]
        at = chain.index(place)
        rows.append(
            {
                "acl": entry.acl_index,
                "rule": entry.rule_index,
                "acl_position": entry.acl_position,
                "action": entry.prepared.rule.action,
                "mask": entry.mask_index,
                "colliding": chain if at == 0 else [],
                "next": chain[at + 1] if at + 1 < len(chain) else NONE,
                "prev": chain[at - 1] if at else NONE,
                "tail": NONE if at else chain[-1],
                "hits": hits.get((entry.acl_index, entry.rule_index), (0, 0))[0],
            }
        )
    return {"masks": mask_uses(layout, chains), "entries": rows}


def mask_uses(layout: ContextLayout, chains: dict[tuple[int, Words], list[int]]) -> list[dict[str, int]]:
    uses = []
    for index in layout.masks:
        lists = [chain for (mask, _), chain in chains.items() if mask == index]
        sizes = [len(chain) for chain in lists]
        first = min(chain[0] for chain in lists)
        uses.append({"mask": index, "first": first, "entries": sum(sizes), "most_collisions": max(sizes)})
    return uses


# ---- text


def tables_text(data: dict[str, Any]) -> str:
    out: list[str] = []
    makers: dict[str, Callable[[Any], Iterator[str]]] = {
        "mask": masks_text,
        "acl": acls_text,
        "applied": contexts_text,
        "hash": lookup_text,
    }
    for part, value in data.items():
        out += makers[part](value)
    return lines(out)


def masks_text(data: list[dict[str, Any]]) -> Iterator[str]:
    yield "Mask-type entries:"
    for row in data:
        yield vformat("     %3d: %s  refcount %d", row["index"], words_text(row["words"]), row["refcount"])


def acls_text(data: list[dict[str, Any]]) -> Iterator[str]:
    yield "Mask-ready ACL representations"
    for each in data:
        yield f"acl-index {each['acl_index']} bitmask-ready layout"
        yield f"  applied lc_index list: {joined(each['contexts'])}"
        for number, rule in enumerate(each["rules"]):
            yield vformat(
                "    %4d: %s base mask index %d acl %d rule %d action %d",
                number,
                words_text(rule["words"]),
                rule["base_mask"],
                each["acl_index"],
                number,
                rule["action"],
            )


def contexts_text(data: list[dict[str, Any]]) -> Iterator[str]:
    yield "Applied lookup entries for lookup contexts"
    for context in data:
        yield f"lc_index {context['lc_index']}:"
        yield f"  applied acls: {joined(context['acls'])}"
        yield "  applied mask info entries:"
        for number, use in enumerate(context["masks"]):
            yield vformat(
                "    %4d: mask type index %d first rule index %d num_entries %d max_collisions %d",
                number,
                use["mask"],
                use["first"],
                use["entries"],
                use["most_collisions"],
            )
        yield "  lookup applied entries:"
        for place, entry in enumerate(context["entries"]):
            yield from entry_text(place, entry, context["entries"])


def entry_text(place: int, entry: dict[str, Any], entries: list[dict[str, Any]]) -> Iterator[str]:
    yield vformat(
        "    %4d: acl %d rule %d action %d bitmask-ready rule %d mask type index: %d colliding_rules: %d "
        "next %d prev %d tail %d hitcount %d acl_pos: %d",
        place,
        entry["acl"],
        entry["rule"],
        entry["action"],
        entry["rule"],
        entry["mask"],
        len(entry["colliding"]),
        entry["next"],
        entry["prev"],
        entry["tail"],
        entry["hits"],
        entry["acl_position"],
    )
    for number, other in enumerate(entry["colliding"]):
        rule = entries[other]
        yield vformat(
            "        %4d: acl %d ace %d acl pos %d pae index: %d",
            number,
            rule["acl"],
            rule["rule"],
            rule["acl_position"],
            other,
        )


def lookup_text(table: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield "ACL lookup hash table:"
    yield from hash_table_text(table)
