"""The messages of the binary API as methods, for clients. Made from the message tables by
`python -m engine.server.document --write`; docs/api.md has the same as a page.
"""

# fmt: off
# mypy: disable-error-code=no-any-return

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

One = TypeVar("One")  # a reply
Many = TypeVar("Many")  # the details of a dump
Both = TypeVar("Both")


class Messages(Generic[One, Many, Both]):
    """Methods named as VPP's messages; their arguments are the messages' fields.

    Args:
        call: sends a message: its name, and its fields by name.
    """

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def abf_itf_attach_add_del(self, attach: Mapping[str, Any], is_add: bool = True) -> One:
        """Attach a policy to an interface, or take it off.

        attach: abf_itf_attach, with policy_id, sw_if_index, priority and is_ipv6.
        """
        return self._call("abf_itf_attach_add_del", attach=attach, is_add=is_add)

    def abf_itf_attach_dump(self) -> Many:
        """All attachments, interface by interface."""
        return self._call("abf_itf_attach_dump")

    def abf_plugin_get_version(self) -> One:
        """Version of the plugin's messages."""
        return self._call("abf_plugin_get_version")

    def abf_policy_add_del(self, policy: Mapping[str, Any], is_add: bool = True) -> One:
        """Make a policy or add paths to it; or take these paths away, all without any.

        policy: abf_policy, with policy_id, acl_index, n_paths and paths.
        """
        return self._call("abf_policy_add_del", policy=policy, is_add=is_add)

    def abf_policy_dump(self) -> Many:
        """All policies."""
        return self._call("abf_policy_dump")

    def acl_add_replace(
        self, acl_index: int = 0xFFFFFFFF, tag: str = "", count: int | None = None,
        r: Sequence[Mapping[str, Any]] = (),
    ) -> One:
        """Make an ACL (acl_index ~0), or replace its rules in place. count, if given, is the number of rules."""
        return self._call("acl_add_replace", acl_index=acl_index, tag=tag, count=count, r=r)

    def acl_del(self, acl_index: int) -> One:
        """Delete an ACL that is not applied."""
        return self._call("acl_del", acl_index=acl_index)

    def acl_dump(self, acl_index: int = 0xFFFFFFFF) -> Many:
        """One ACL, or all (~0)."""
        return self._call("acl_dump", acl_index=acl_index)

    def acl_interface_add_del(
        self, sw_if_index: int, acl_index: int, is_input: bool = False, is_add: bool = True,
    ) -> One:
        """Append an ACL to an interface's list, or take it off."""
        return self._call(
            "acl_interface_add_del", sw_if_index=sw_if_index, acl_index=acl_index, is_input=is_input, is_add=is_add,
        )

    def acl_interface_list_dump(self, sw_if_index: int = 0xFFFFFFFF) -> Many:
        """The lists of one interface, or of all (~0)."""
        return self._call("acl_interface_list_dump", sw_if_index=sw_if_index)

    def acl_interface_set_acl_list(
        self, sw_if_index: int, n_input: int = 0, acls: Sequence[int] = (), count: int | None = None,
    ) -> One:
        """Both lists of an interface: the first n_input ACLs are for input, the others for output."""
        return self._call(
            "acl_interface_set_acl_list", sw_if_index=sw_if_index, n_input=n_input, acls=acls, count=count,
        )

    def acl_plugin_control_ping(self) -> One:
        """Answered when all requests before it have been."""
        return self._call("acl_plugin_control_ping")

    def acl_plugin_get_conn_table_max_entries(self) -> One:
        """Most sessions there may be."""
        return self._call("acl_plugin_get_conn_table_max_entries")

    def acl_plugin_get_version(self) -> One:
        """Version of the plugin's API."""
        return self._call("acl_plugin_get_version")

    def acl_plugin_use_hash_lookup_get(self) -> One:
        """Whether rules are found by hash."""
        return self._call("acl_plugin_use_hash_lookup_get")

    def acl_plugin_use_hash_lookup_set(self, enable: bool) -> One:
        """Find rules by hash, or by walking them."""
        return self._call("acl_plugin_use_hash_lookup_set", enable=enable)

    def add_node_next(self, node_name: str, next_name: str) -> One:
        """Give a node another next node; the slot, the old one where it has it already."""
        return self._call("add_node_next", node_name=node_name, next_name=next_name)

    def bd_ip_mac_add_del(self, entry: Mapping[str, Any], is_add: bool = True) -> One:
        """Let a domain answer ARP for a host, {bd_id, ip, mac}, or leave that to the host again."""
        return self._call("bd_ip_mac_add_del", entry=entry, is_add=is_add)

    def bd_ip_mac_dump(self, bd_id: int = 0xFFFFFFFF) -> Many:
        """The hosts for which a domain, or any, answers ARP."""
        return self._call("bd_ip_mac_dump", bd_id=bd_id)

    def bd_ip_mac_flush(self, bd_id: int) -> One:
        """Leave all ARP requests of a domain to its hosts."""
        return self._call("bd_ip_mac_flush", bd_id=bd_id)

    def bridge_domain_add_del(
        self, bd_id: int, flood: bool = False, uu_flood: bool = False, forward: bool = False, learn: bool = False,
        arp_term: bool = False, arp_ufwd: bool = False, mac_age: int = 0, bd_tag: str = "", is_add: bool = True,
    ) -> One:
        """Make a bridge domain, or delete one that has no members. mac_age in minutes, 0 for ever."""
        return self._call(
            "bridge_domain_add_del", bd_id=bd_id, flood=flood, uu_flood=uu_flood, forward=forward, learn=learn,
            arp_term=arp_term, arp_ufwd=arp_ufwd, mac_age=mac_age, bd_tag=bd_tag, is_add=is_add,
        )

    def bridge_domain_add_del_v2(self, bd_id: int, is_add: bool = True, **settings: Any) -> One:
        """As bridge_domain_add_del; for ~0 the domain gets an id that is free."""
        return self._call("bridge_domain_add_del_v2", bd_id=bd_id, is_add=is_add, **settings)

    def bridge_domain_dump(self, bd_id: int = 0xFFFFFFFF, sw_if_index: int = 0xFFFFFFFF) -> Many:
        """Domains, one or all, each with its members; sw_if_index is not looked at, as in VPP."""
        return self._call("bridge_domain_dump", bd_id=bd_id, sw_if_index=sw_if_index)

    def bridge_domain_set_mac_age(self, bd_id: int, mac_age: int) -> One:
        """Minutes that a learned address is kept unheard of; 0 for ever."""
        return self._call("bridge_domain_set_mac_age", bd_id=bd_id, mac_age=mac_age)

    def bridge_flags(self, bd_id: int, is_set: bool, flags: int) -> One:
        """Set or clear flags of a domain: 1 learn, 2 forward, 4 flood, 8 unknown-unicast flood, 16 ARP
        termination.
        """
        return self._call("bridge_flags", bd_id=bd_id, is_set=is_set, flags=flags)

    def cli_inband(self, cmd: str) -> One:
        """Run a line of CLI; `reply` is what it prints, errors included, as vppctl shows it."""
        return self._call("cli_inband", cmd=cmd)

    def control_ping(self) -> One:
        """Answered when all requests before it have been."""
        return self._call("control_ping")

    def create_loopback(self, mac_address: str = "00:00:00:00:00:00") -> One:
        """Make a loopback interface; without a MAC address VPP chooses one."""
        return self._call("create_loopback", mac_address=mac_address)

    def create_loopback_instance(
        self, mac_address: str = "00:00:00:00:00:00", is_specified: bool = False, user_instance: int = 0,
    ) -> One:
        """Make the loopback interface of a number."""
        return self._call(
            "create_loopback_instance", mac_address=mac_address, is_specified=is_specified,
            user_instance=user_instance,
        )

    def create_subif(
        self, sw_if_index: int, sub_id: int, sub_if_flags: int = 0, outer_vlan_id: int = 0, inner_vlan_id: int = 0,
    ) -> One:
        """A sub-interface for the frames that the flags and VLAN ids describe.

        sub_if_flags: 1 no tags, 2 one tag, 4 two tags, 8 the outer tag is 802.1ad, 16 no more tags may
        follow, 32 what
        nobody else takes, 64 any outer id, 128 any inner id.
        """
        return self._call(
            "create_subif", sw_if_index=sw_if_index, sub_id=sub_id, sub_if_flags=sub_if_flags,
            outer_vlan_id=outer_vlan_id, inner_vlan_id=inner_vlan_id,
        )

    def create_vlan_subif(self, sw_if_index: int, vlan_id: int) -> One:
        """A sub-interface for the frames with just one 802.1Q tag, of that VLAN."""
        return self._call("create_vlan_subif", sw_if_index=sw_if_index, vlan_id=vlan_id)

    def delete_loopback(self, sw_if_index: int) -> One:
        """Delete a loopback interface."""
        return self._call("delete_loopback", sw_if_index=sw_if_index)

    def delete_subif(self, sw_if_index: int) -> One:
        """Delete a sub-interface and all that was configured on it."""
        return self._call("delete_subif", sw_if_index=sw_if_index)

    def feature_enable_disable(
        self, sw_if_index: int, arc_name: str, feature_name: str, enable: bool = True,
    ) -> One:
        """Put a feature on an interface's arc, or take it off."""
        return self._call(
            "feature_enable_disable", sw_if_index=sw_if_index, arc_name=arc_name, feature_name=feature_name,
            enable=enable,
        )

    def feature_is_enabled(self, arc_name: str, feature_name: str, sw_if_index: int) -> One:
        """Whether a feature is on an interface's arc."""
        return self._call(
            "feature_is_enabled", arc_name=arc_name, feature_name=feature_name, sw_if_index=sw_if_index,
        )

    def fib_source_dump(self) -> Many:
        """Who may say something of a prefix, best first."""
        return self._call("fib_source_dump")

    def geneve_add_del_tunnel(
        self, local_address: Any, remote_address: Any, vni: int, is_add: bool = True,
        mcast_sw_if_index: int = 0xFFFFFFFF, encap_vrf_id: int = 0, decap_next_index: int = 0xFFFFFFFF,
        l3_mode: bool = False, src_port: int = 0,
    ) -> One:
        """Make a tunnel, or delete it. decap_next_index: of geneve4-input, ~0 for l2-input.

        src_port is ours: the UDP port to send from, 0 for one of each flow's hash.
        """
        return self._call(
            "geneve_add_del_tunnel", local_address=local_address, remote_address=remote_address, vni=vni,
            is_add=is_add, mcast_sw_if_index=mcast_sw_if_index, encap_vrf_id=encap_vrf_id,
            decap_next_index=decap_next_index, l3_mode=l3_mode, src_port=src_port,
        )

    def geneve_add_del_tunnel2(
        self, local_address: Any, remote_address: Any, vni: int, is_add: bool = True,
        mcast_sw_if_index: int = 0xFFFFFFFF, encap_vrf_id: int = 0, decap_next_index: int = 0xFFFFFFFF,
        l3_mode: bool = False, src_port: int = 0,
    ) -> One:
        """Make a tunnel, or delete it. decap_next_index: of geneve4-input, ~0 for l2-input.

        src_port is ours: the UDP port to send from, 0 for one of each flow's hash.
        """
        return self._call(
            "geneve_add_del_tunnel2", local_address=local_address, remote_address=remote_address, vni=vni,
            is_add=is_add, mcast_sw_if_index=mcast_sw_if_index, encap_vrf_id=encap_vrf_id,
            decap_next_index=decap_next_index, l3_mode=l3_mode, src_port=src_port,
        )

    def geneve_tunnel_dump(self, sw_if_index: int = 0xFFFFFFFF) -> Many:
        """The tunnel of one interface, or all (~0)."""
        return self._call("geneve_tunnel_dump", sw_if_index=sw_if_index)

    def get_next_index(self, node_name: str, next_name: str) -> One:
        """The slot of a node's next that leads to another node."""
        return self._call("get_next_index", node_name=node_name, next_name=next_name)

    def get_node_index(self, node_name: str) -> One:
        """The index of a graph node."""
        return self._call("get_node_index", node_name=node_name)

    def graph_node_get(
        self, cursor: int = 0, index: int = 0xFFFFFFFF, name: str = "", flags: int = 0, want_arcs: bool = False,
    ) -> Both:
        """Nodes: one by index or name, or all; with flags those that have one of them."""
        return self._call("graph_node_get", cursor=cursor, index=index, name=name, flags=flags, want_arcs=want_arcs)

    def hw_interface_set_mtu(self, sw_if_index: int, mtu: int) -> One:
        """The longest frame payload of an interface, in bytes."""
        return self._call("hw_interface_set_mtu", sw_if_index=sw_if_index, mtu=mtu)

    def ip_address_dump(self, sw_if_index: int, is_ipv6: bool = False) -> Many:
        """The addresses of an interface."""
        return self._call("ip_address_dump", sw_if_index=sw_if_index, is_ipv6=is_ipv6)

    def ip_dump(self, is_ipv6: bool = False) -> Many:
        """Interfaces that have addresses."""
        return self._call("ip_dump", is_ipv6=is_ipv6)

    def ip_neighbor_add_del(self, neighbor: Mapping[str, Any], is_add: bool = True) -> One:
        """Add a neighbour {sw_if_index, flags, mac_address, ip_address}, change its MAC address, or forget it."""
        return self._call("ip_neighbor_add_del", neighbor=neighbor, is_add=is_add)

    def ip_neighbor_dump(self, sw_if_index: int = 0xFFFFFFFF, af: int = 0) -> Many:
        """The neighbours of one interface, or of all (~0). age: seconds since they were made or changed."""
        return self._call("ip_neighbor_dump", sw_if_index=sw_if_index, af=af)

    def ip_neighbor_flush(self, af: int = 0, sw_if_index: int = 0xFFFFFFFF) -> One:
        """Forget the neighbours of one interface, or of all (~0), but static ones."""
        return self._call("ip_neighbor_flush", af=af, sw_if_index=sw_if_index)

    def ip_reassembly_enable_disable(
        self, sw_if_index: int, enable_ip4: bool, enable_ip6: bool = False, type: int = 0,
    ) -> One:
        """Put together the fragments that come by an interface."""
        return self._call(
            "ip_reassembly_enable_disable", sw_if_index=sw_if_index, enable_ip4=enable_ip4, enable_ip6=enable_ip6,
            type=type,
        )

    def ip_reassembly_get(self, is_ip6: bool = False, type: int = 0) -> One:
        """Limits of reassembly."""
        return self._call("ip_reassembly_get", is_ip6=is_ip6, type=type)

    def ip_reassembly_set(
        self, timeout_ms: int, max_reassemblies: int, expire_walk_interval_ms: int,
        max_reassembly_length: int | None = None, is_ip6: bool = False, type: int = 0,
    ) -> One:
        """Limits. max_reassembly_length: fragments of one packet, which 18.10 did not limit."""
        return self._call(
            "ip_reassembly_set", timeout_ms=timeout_ms, max_reassemblies=max_reassemblies,
            expire_walk_interval_ms=expire_walk_interval_ms, max_reassembly_length=max_reassembly_length,
            is_ip6=is_ip6, type=type,
        )

    def ip_route_add_del(self, route: Mapping[str, Any], is_add: bool = True, is_multipath: bool = False) -> One:
        """Let paths be all that a route {table_id, prefix, n_paths, paths} has, or with is_multipath add or
        remove them.
        """
        return self._call("ip_route_add_del", route=route, is_add=is_add, is_multipath=is_multipath)

    def ip_route_add_del_v2(self, route: Mapping[str, Any], is_add: bool = True, is_multipath: bool = False) -> One:
        """Let paths be all that a route {table_id, prefix, n_paths, paths} has, or with is_multipath add or
        remove them.
        """
        return self._call("ip_route_add_del_v2", route=route, is_add=is_add, is_multipath=is_multipath)

    def ip_route_dump(self, table: Mapping[str, Any]) -> Many:
        """All routes of a table {table_id, is_ip6}."""
        return self._call("ip_route_dump", table=table)

    def ip_route_lookup(self, prefix: Any, table_id: int = 0, exact: int = 0) -> One:
        """The route of very that prefix (exact), or the longest that covers it."""
        return self._call("ip_route_lookup", prefix=prefix, table_id=table_id, exact=exact)

    def ip_route_lookup_v2(self, prefix: Any, table_id: int = 0, exact: int = 0) -> One:
        """As ip_route_lookup, with the route's source."""
        return self._call("ip_route_lookup_v2", prefix=prefix, table_id=table_id, exact=exact)

    def ip_route_v2_dump(self, table: Mapping[str, Any], src: int = 0) -> Many:
        """The routes of a table that come from a source, by the number that fib_source_dump gives it; 0: all."""
        return self._call("ip_route_v2_dump", table=table, src=src)

    def ip_table_add_del(self, table: Mapping[str, Any], is_add: bool = True, create_mfib: bool = True) -> One:
        """Make a table {table_id, is_ip6, name}, or give it up; it goes when nothing else needs it."""
        return self._call("ip_table_add_del", table=table, is_add=is_add, create_mfib=create_mfib)

    def ip_table_add_del_v2(self, table: Mapping[str, Any], is_add: bool = True, create_mfib: bool = True) -> One:
        """Make a table {table_id, is_ip6, name}, or give it up; it goes when nothing else needs it."""
        return self._call("ip_table_add_del_v2", table=table, is_add=is_add, create_mfib=create_mfib)

    def ip_table_allocate(self, table: Mapping[str, Any]) -> One:
        """Make a table of an id that is free (table_id ~0), or of the one given."""
        return self._call("ip_table_allocate", table=table)

    def ip_table_dump(self) -> Many:
        """All tables."""
        return self._call("ip_table_dump")

    def ip_table_flush(self, table: Mapping[str, Any]) -> One:
        """Delete the routes of a table that came by the API."""
        return self._call("ip_table_flush", table=table)

    def ip_unnumbered_dump(self, sw_if_index: int = 0xFFFFFFFF) -> Many:
        """Interfaces (one, or all) that borrow the addresses of another, ip_sw_if_index."""
        return self._call("ip_unnumbered_dump", sw_if_index=sw_if_index)

    def l2_fib_clear_table(self) -> One:
        """Forget all addresses, also those that were provisioned."""
        return self._call("l2_fib_clear_table")

    def l2_fib_table_dump(self, bd_id: int = 0xFFFFFFFF) -> Many:
        """Addresses known in a domain, or in all."""
        return self._call("l2_fib_table_dump", bd_id=bd_id)

    def l2_flags(self, sw_if_index: int, is_set: bool, feature_bitmap: int) -> One:
        """Turn L2 input features of an interface on or off, by the bits that traces print."""
        return self._call("l2_flags", sw_if_index=sw_if_index, is_set=is_set, feature_bitmap=feature_bitmap)

    def l2_flags_get(self, sw_if_index: int) -> One:
        """The L2 features of an interface, as bits."""
        return self._call("l2_flags_get", sw_if_index=sw_if_index)

    def l2_interface_efp_filter(self, sw_if_index: int, enable_disable: bool = True) -> One:
        """Whether frames leave only with the tags that the interface takes."""
        return self._call("l2_interface_efp_filter", sw_if_index=sw_if_index, enable_disable=enable_disable)

    def l2_interface_feat_flags_get(self, sw_if_index: int) -> One:
        """What an interface does of its domain's business."""
        return self._call("l2_interface_feat_flags_get", sw_if_index=sw_if_index)

    def l2_interface_feat_flags_set(self, sw_if_index: int, is_set: bool, flags: int) -> One:
        """Turn on or off what an interface does of its domain's business, by the flags of bridge_flags."""
        return self._call("l2_interface_feat_flags_set", sw_if_index=sw_if_index, is_set=is_set, flags=flags)

    def l2_interface_vlan_tag_rewrite(
        self, sw_if_index: int, vtr_op: int, push_dot1q: int = 0, tag1: int = 0, tag2: int = 0,
    ) -> One:
        """Tags taken off and put on when a frame comes in, undone when it leaves.

        vtr_op: 0 off, 1 push 1, 2 push 2, 3 pop 1, 4 pop 2, 5 to 8 translate 1-1, 1-2, 2-1, 2-2.
        """
        return self._call(
            "l2_interface_vlan_tag_rewrite", sw_if_index=sw_if_index, vtr_op=vtr_op, push_dot1q=push_dot1q,
            tag1=tag1, tag2=tag2,
        )

    def l2_xconnect_dump(self) -> Many:
        """Interfaces that are connected to another, each way for itself."""
        return self._call("l2_xconnect_dump")

    def l2fib_add_del(
        self, mac: str, bd_id: int, sw_if_index: int = 0xFFFFFFFF, is_add: bool = True, static_mac: bool = False,
        filter_mac: bool = False, bvi_mac: bool = False,
    ) -> One:
        """Say where an address is, or that its frames are dropped (filter_mac), or forget it."""
        return self._call(
            "l2fib_add_del", mac=mac, bd_id=bd_id, sw_if_index=sw_if_index, is_add=is_add, static_mac=static_mac,
            filter_mac=filter_mac, bvi_mac=bvi_mac,
        )

    def l2fib_flush_all(self) -> One:
        """Forget what was learned."""
        return self._call("l2fib_flush_all")

    def l2fib_flush_bd(self, bd_id: int) -> One:
        """Forget what was learned in a domain."""
        return self._call("l2fib_flush_bd", bd_id=bd_id)

    def l2fib_flush_int(self, sw_if_index: int) -> One:
        """Forget what was learned on an interface."""
        return self._call("l2fib_flush_int", sw_if_index=sw_if_index)

    def macip_acl_add(self, tag: str = "", count: int | None = None, r: Sequence[Mapping[str, Any]] = ()) -> One:
        """Make a MACIP ACL. count, if given, is the number of rules."""
        return self._call("macip_acl_add", tag=tag, count=count, r=r)

    def macip_acl_add_replace(
        self, acl_index: int = 0xFFFFFFFF, tag: str = "", count: int | None = None,
        r: Sequence[Mapping[str, Any]] = (),
    ) -> One:
        """Make a MACIP ACL (acl_index ~0), or replace its rules in place. count, if given, is the number of
        rules.
        """
        return self._call("macip_acl_add_replace", acl_index=acl_index, tag=tag, count=count, r=r)

    def macip_acl_del(self, acl_index: int) -> One:
        """Delete a MACIP ACL; it is taken off the interfaces that have it."""
        return self._call("macip_acl_del", acl_index=acl_index)

    def macip_acl_dump(self, acl_index: int = 0xFFFFFFFF) -> Many:
        """One MACIP ACL, or all (~0)."""
        return self._call("macip_acl_dump", acl_index=acl_index)

    def macip_acl_interface_add_del(self, sw_if_index: int, acl_index: int = 0, is_add: bool = True) -> One:
        """Give an interface a MACIP ACL in place of the one it has, or take away whichever it has."""
        return self._call(
            "macip_acl_interface_add_del", sw_if_index=sw_if_index, acl_index=acl_index, is_add=is_add,
        )

    def macip_acl_interface_get(self) -> One:
        """By sw_if_index, up to the highest that ever had one: the MACIP ACL, ~0 for none."""
        return self._call("macip_acl_interface_get")

    def macip_acl_interface_list_dump(self, sw_if_index: int = 0xFFFFFFFF) -> Many:
        """The MACIP ACL of one interface, or of all (~0) that have one."""
        return self._call("macip_acl_interface_list_dump", sw_if_index=sw_if_index)

    def nat44_add_del_address_range(
        self, first_ip_address: Any, last_ip_address: Any, vrf_id: int = 0xFFFFFFFF, is_add: bool = True,
        flags: int = 0,
    ) -> One:
        """Add pool addresses from first to last, or delete them."""
        return self._call(
            "nat44_add_del_address_range", first_ip_address=first_ip_address, last_ip_address=last_ip_address,
            vrf_id=vrf_id, is_add=is_add, flags=flags,
        )

    def nat44_add_del_identity_mapping(
        self, ip_address: Any = "0.0.0.0", protocol: int = 0, port: int = 0, sw_if_index: int = 0xFFFFFFFF,
        vrf_id: int = 0, is_add: bool = True, flags: int = 0, tag: str = "",
    ) -> One:
        """An address, or one of its ports, that is never translated."""
        return self._call(
            "nat44_add_del_identity_mapping", ip_address=ip_address, protocol=protocol, port=port,
            sw_if_index=sw_if_index, vrf_id=vrf_id, is_add=is_add, flags=flags, tag=tag,
        )

    def nat44_add_del_interface_addr(self, sw_if_index: int, is_add: bool = True, flags: int = 0) -> One:
        """Let the addresses of an interface, now and later, be pool addresses."""
        return self._call("nat44_add_del_interface_addr", sw_if_index=sw_if_index, is_add=is_add, flags=flags)

    def nat44_add_del_lb_static_mapping(
        self, external_addr: Any, external_port: int, protocol: int, locals: Any = (), local_num: int = 0,
        affinity: int = 0, is_add: bool = True, flags: int = 0, tag: str = "",
    ) -> One:
        """An outside address and port that is shared among several local ones, each {addr, port, probability,
        vrf_id}.
        """
        return self._call(
            "nat44_add_del_lb_static_mapping", external_addr=external_addr, external_port=external_port,
            protocol=protocol, locals=locals, local_num=local_num, affinity=affinity, is_add=is_add, flags=flags,
            tag=tag,
        )

    def nat44_add_del_static_mapping(
        self, local_ip_address: Any, external_ip_address: Any = "0.0.0.0", protocol: int = 0, local_port: int = 0,
        external_port: int = 0, external_sw_if_index: int = 0xFFFFFFFF, vrf_id: int = 0, is_add: bool = True,
        flags: int = 0, tag: str = "",
    ) -> One:
        """A fixed translation of an address, or with a protocol of one of its ports."""
        return self._call(
            "nat44_add_del_static_mapping", local_ip_address=local_ip_address,
            external_ip_address=external_ip_address, protocol=protocol, local_port=local_port,
            external_port=external_port, external_sw_if_index=external_sw_if_index, vrf_id=vrf_id, is_add=is_add,
            flags=flags, tag=tag,
        )

    def nat44_add_del_static_mapping_v2(
        self, local_ip_address: Any, match_pool: bool = False, pool_ip_address: Any = "0.0.0.0",
        external_ip_address: Any = "0.0.0.0", protocol: int = 0, local_port: int = 0, external_port: int = 0,
        external_sw_if_index: int = 0xFFFFFFFF, vrf_id: int = 0, is_add: bool = True, flags: int = 0, tag: str = "",
    ) -> One:
        """As nat44_add_del_static_mapping; twice-nat from a certain pool address (match_pool) is of later
        releases.
        """
        return self._call(
            "nat44_add_del_static_mapping_v2", local_ip_address=local_ip_address, match_pool=match_pool,
            pool_ip_address=pool_ip_address, external_ip_address=external_ip_address, protocol=protocol,
            local_port=local_port, external_port=external_port, external_sw_if_index=external_sw_if_index,
            vrf_id=vrf_id, is_add=is_add, flags=flags, tag=tag,
        )

    def nat44_address_dump(self) -> Many:
        """The pool addresses."""
        return self._call("nat44_address_dump")

    def nat44_del_session(
        self, address: Any, protocol: int, port: int, vrf_id: int = 0, flags: int = 0,
        ext_host_address: Any = "0.0.0.0", ext_host_port: int = 0,
    ) -> One:
        """Delete the session of an inside or outside (flags) address and port."""
        return self._call(
            "nat44_del_session", address=address, protocol=protocol, port=port, vrf_id=vrf_id, flags=flags,
            ext_host_address=ext_host_address, ext_host_port=ext_host_port,
        )

    def nat44_ed_add_del_output_interface(self, sw_if_index: int, is_add: bool = True) -> One:
        """Translate what leaves by an interface."""
        return self._call("nat44_ed_add_del_output_interface", sw_if_index=sw_if_index, is_add=is_add)

    def nat44_ed_output_interface_get(self, cursor: int = 0) -> Both:
        """Interfaces by which packets leave translated."""
        return self._call("nat44_ed_output_interface_get", cursor=cursor)

    def nat44_ed_plugin_enable_disable(self, enable: bool = True, **sizes: int) -> One:
        """NAT runs from the start; endpoint-dependent if the startup file says so."""
        return self._call("nat44_ed_plugin_enable_disable", enable=enable, **sizes)

    def nat44_ei_add_del_address_range(
        self, first_ip_address: Any, last_ip_address: Any, vrf_id: int = 0xFFFFFFFF, is_add: bool = True,
        flags: int = 0,
    ) -> One:
        """Add pool addresses from first to last, or delete them."""
        return self._call(
            "nat44_ei_add_del_address_range", first_ip_address=first_ip_address, last_ip_address=last_ip_address,
            vrf_id=vrf_id, is_add=is_add, flags=flags,
        )

    def nat44_ei_add_del_identity_mapping(
        self, ip_address: Any = "0.0.0.0", protocol: int = 0, port: int = 0, sw_if_index: int = 0xFFFFFFFF,
        vrf_id: int = 0, is_add: bool = True, flags: int = 0, tag: str = "",
    ) -> One:
        """An address, or one of its ports, that is never translated."""
        return self._call(
            "nat44_ei_add_del_identity_mapping", ip_address=ip_address, protocol=protocol, port=port,
            sw_if_index=sw_if_index, vrf_id=vrf_id, is_add=is_add, flags=flags, tag=tag,
        )

    def nat44_ei_add_del_interface_addr(self, sw_if_index: int, is_add: bool = True, flags: int = 0) -> One:
        """Let the addresses of an interface, now and later, be pool addresses."""
        return self._call("nat44_ei_add_del_interface_addr", sw_if_index=sw_if_index, is_add=is_add, flags=flags)

    def nat44_ei_add_del_output_interface(self, sw_if_index: int, is_add: bool = True) -> One:
        """Translate what leaves by an interface."""
        return self._call("nat44_ei_add_del_output_interface", sw_if_index=sw_if_index, is_add=is_add)

    def nat44_ei_add_del_static_mapping(
        self, local_ip_address: Any, external_ip_address: Any = "0.0.0.0", protocol: int = 0, local_port: int = 0,
        external_port: int = 0, external_sw_if_index: int = 0xFFFFFFFF, vrf_id: int = 0, is_add: bool = True,
        flags: int = 0, tag: str = "",
    ) -> One:
        """A fixed translation of an address, or with a protocol of one of its ports."""
        return self._call(
            "nat44_ei_add_del_static_mapping", local_ip_address=local_ip_address,
            external_ip_address=external_ip_address, protocol=protocol, local_port=local_port,
            external_port=external_port, external_sw_if_index=external_sw_if_index, vrf_id=vrf_id, is_add=is_add,
            flags=flags, tag=tag,
        )

    def nat44_ei_address_dump(self) -> Many:
        """The pool addresses."""
        return self._call("nat44_ei_address_dump")

    def nat44_ei_del_session(
        self, address: Any, protocol: int, port: int, vrf_id: int = 0, flags: int = 0,
        ext_host_address: Any = "0.0.0.0", ext_host_port: int = 0,
    ) -> One:
        """As nat44_del_session, with the flags of the EI plugin."""
        return self._call(
            "nat44_ei_del_session", address=address, protocol=protocol, port=port, vrf_id=vrf_id, flags=flags,
            ext_host_address=ext_host_address, ext_host_port=ext_host_port,
        )

    def nat44_ei_del_user(self, ip_address: Any, fib_index: int = 0) -> One:
        """Delete all sessions of an inside host."""
        return self._call("nat44_ei_del_user", ip_address=ip_address, fib_index=fib_index)

    def nat44_ei_forwarding_enable_disable(self, enable: bool) -> One:
        """Let packets that no translation fits through, or drop them."""
        return self._call("nat44_ei_forwarding_enable_disable", enable=enable)

    def nat44_ei_get_addr_and_port_alloc_alg(self) -> One:
        """How outside ports are chosen."""
        return self._call("nat44_ei_get_addr_and_port_alloc_alg")

    def nat44_ei_get_mss_clamping(self) -> One:
        """The most that TCP's maximum segment size may be."""
        return self._call("nat44_ei_get_mss_clamping")

    def nat44_ei_identity_mapping_dump(self) -> Many:
        """Identity mappings."""
        return self._call("nat44_ei_identity_mapping_dump")

    def nat44_ei_interface_add_del_feature(self, sw_if_index: int, flags: int, is_add: bool = True) -> One:
        """As nat44_interface_add_del_feature, with the flags of the EI plugin."""
        return self._call("nat44_ei_interface_add_del_feature", sw_if_index=sw_if_index, flags=flags, is_add=is_add)

    def nat44_ei_interface_add_del_output_feature(self, sw_if_index: int, flags: int, is_add: bool = True) -> One:
        """As nat44_interface_add_del_output_feature, with the flags of the EI plugin."""
        return self._call(
            "nat44_ei_interface_add_del_output_feature", sw_if_index=sw_if_index, flags=flags, is_add=is_add,
        )

    def nat44_ei_interface_addr_dump(self) -> Many:
        """Interfaces whose addresses are pool addresses."""
        return self._call("nat44_ei_interface_addr_dump")

    def nat44_ei_interface_dump(self) -> Many:
        """As nat44_interface_dump, with the flags of the EI plugin."""
        return self._call("nat44_ei_interface_dump")

    def nat44_ei_interface_output_feature_dump(self) -> Many:
        """As nat44_interface_output_feature_dump, with the flags of the EI plugin."""
        return self._call("nat44_ei_interface_output_feature_dump")

    def nat44_ei_output_interface_get(self, cursor: int = 0) -> Both:
        """Interfaces by which packets leave translated."""
        return self._call("nat44_ei_output_interface_get", cursor=cursor)

    def nat44_ei_plugin_enable_disable(self, enable: bool = True, **sizes: int) -> One:
        """NAT runs from the start, unless the startup file says endpoint-dependent."""
        return self._call("nat44_ei_plugin_enable_disable", enable=enable, **sizes)

    def nat44_ei_set_addr_and_port_alloc_alg(
        self, alg: int, psid_offset: int = 0, psid_length: int = 0, psid: int = 0, start_port: int = 0,
        end_port: int = 0,
    ) -> One:
        """How outside ports are chosen: 0 default, 1 MAP-E, 2 a range."""
        return self._call(
            "nat44_ei_set_addr_and_port_alloc_alg", alg=alg, psid_offset=psid_offset, psid_length=psid_length,
            psid=psid, start_port=start_port, end_port=end_port,
        )

    def nat44_ei_set_mss_clamping(self, mss_value: int, enable: bool) -> One:
        """The most that TCP's maximum segment size may be; longer ones are made shorter."""
        return self._call("nat44_ei_set_mss_clamping", mss_value=mss_value, enable=enable)

    def nat44_ei_set_timeouts(self, udp: int, tcp_established: int, tcp_transitory: int, icmp: int) -> One:
        """Seconds after which idle sessions go."""
        return self._call(
            "nat44_ei_set_timeouts", udp=udp, tcp_established=tcp_established, tcp_transitory=tcp_transitory,
            icmp=icmp,
        )

    def nat44_ei_show_running_config(self) -> One:
        """Limits, tables and timeouts in force."""
        return self._call("nat44_ei_show_running_config")

    def nat44_ei_static_mapping_dump(self) -> Many:
        """Static mappings with one local side."""
        return self._call("nat44_ei_static_mapping_dump")

    def nat44_ei_user_dump(self) -> Many:
        """Inside hosts with the number of their sessions."""
        return self._call("nat44_ei_user_dump")

    def nat44_ei_user_session_dump(self, ip_address: Any, vrf_id: int = 0) -> Many:
        """The sessions of an inside host."""
        return self._call("nat44_ei_user_session_dump", ip_address=ip_address, vrf_id=vrf_id)

    def nat44_ei_user_session_v2_dump(self, ip_address: Any, vrf_id: int = 0) -> Many:
        """The sessions of an inside host."""
        return self._call("nat44_ei_user_session_v2_dump", ip_address=ip_address, vrf_id=vrf_id)

    def nat44_ei_worker_dump(self) -> Many:
        """Threads that NAT's work is shared among; there is one, and it is no worker."""
        return self._call("nat44_ei_worker_dump")

    def nat44_forwarding_enable_disable(self, enable: bool) -> One:
        """Let packets that no translation fits through, or drop them."""
        return self._call("nat44_forwarding_enable_disable", enable=enable)

    def nat44_identity_mapping_dump(self) -> Many:
        """Identity mappings."""
        return self._call("nat44_identity_mapping_dump")

    def nat44_interface_add_del_feature(self, sw_if_index: int, flags: int, is_add: bool = True) -> One:
        """Make an interface inside or outside (flags), or take that back."""
        return self._call("nat44_interface_add_del_feature", sw_if_index=sw_if_index, flags=flags, is_add=is_add)

    def nat44_interface_add_del_output_feature(self, sw_if_index: int, flags: int, is_add: bool = True) -> One:
        """As nat44_interface_add_del_feature, translating what leaves, after the lookup."""
        return self._call(
            "nat44_interface_add_del_output_feature", sw_if_index=sw_if_index, flags=flags, is_add=is_add,
        )

    def nat44_interface_addr_dump(self) -> Many:
        """Interfaces whose addresses are pool addresses."""
        return self._call("nat44_interface_addr_dump")

    def nat44_interface_dump(self) -> Many:
        """Inside and outside interfaces."""
        return self._call("nat44_interface_dump")

    def nat44_interface_output_feature_dump(self) -> Many:
        """Interfaces that translate what leaves by them."""
        return self._call("nat44_interface_output_feature_dump")

    def nat44_lb_static_mapping_add_del_local(
        self, external_addr: Any, external_port: int, protocol: int, local: dict[str, Any], is_add: bool = True,
    ) -> One:
        """Give a load-balancing mapping one backend {addr, port, probability, vrf_id} more, or one less."""
        return self._call(
            "nat44_lb_static_mapping_add_del_local", external_addr=external_addr, external_port=external_port,
            protocol=protocol, local=local, is_add=is_add,
        )

    def nat44_lb_static_mapping_dump(self) -> Many:
        """Static mappings with several local sides."""
        return self._call("nat44_lb_static_mapping_dump")

    def nat44_show_running_config(self) -> One:
        """Limits, tables and timeouts in force."""
        return self._call("nat44_show_running_config")

    def nat44_static_mapping_dump(self) -> Many:
        """Static mappings with one local side."""
        return self._call("nat44_static_mapping_dump")

    def nat44_user_dump(self) -> Many:
        """Inside hosts with the number of their sessions."""
        return self._call("nat44_user_dump")

    def nat44_user_session_dump(self, ip_address: Any, vrf_id: int = 0) -> Many:
        """The sessions of an inside host."""
        return self._call("nat44_user_session_dump", ip_address=ip_address, vrf_id=vrf_id)

    def nat44_user_session_v2_dump(self, ip_address: Any, vrf_id: int = 0) -> Many:
        """The sessions of an inside host."""
        return self._call("nat44_user_session_v2_dump", ip_address=ip_address, vrf_id=vrf_id)

    def nat44_user_session_v3_dump(self, ip_address: Any, vrf_id: int = 0) -> Many:
        """The sessions of an inside host."""
        return self._call("nat44_user_session_v3_dump", ip_address=ip_address, vrf_id=vrf_id)

    def nat_get_addr_and_port_alloc_alg(self) -> One:
        """How outside ports are chosen."""
        return self._call("nat_get_addr_and_port_alloc_alg")

    def nat_get_mss_clamping(self) -> One:
        """The most that TCP's maximum segment size may be."""
        return self._call("nat_get_mss_clamping")

    def nat_get_reass(self) -> One:
        """How fragments wait for their first one."""
        return self._call("nat_get_reass")

    def nat_get_timeouts(self) -> One:
        """Seconds after which idle sessions go."""
        return self._call("nat_get_timeouts")

    def nat_set_addr_and_port_alloc_alg(
        self, alg: int, psid_offset: int = 0, psid_length: int = 0, psid: int = 0, start_port: int = 0,
        end_port: int = 0,
    ) -> One:
        """How outside ports are chosen: 0 default, 1 MAP-E, 2 a range."""
        return self._call(
            "nat_set_addr_and_port_alloc_alg", alg=alg, psid_offset=psid_offset, psid_length=psid_length, psid=psid,
            start_port=start_port, end_port=end_port,
        )

    def nat_set_mss_clamping(self, mss_value: int, enable: bool) -> One:
        """The most that TCP's maximum segment size may be; longer ones are made shorter."""
        return self._call("nat_set_mss_clamping", mss_value=mss_value, enable=enable)

    def nat_set_reass(
        self, timeout: int, max_reass: int, max_frag: int, drop_frag: bool = False, is_ip6: bool = False,
    ) -> One:
        """How fragments wait for their first one: seconds, datagrams at once, fragments of one; or that all are
        dropped.
        """
        return self._call(
            "nat_set_reass", timeout=timeout, max_reass=max_reass, max_frag=max_frag, drop_frag=drop_frag,
            is_ip6=is_ip6,
        )

    def nat_set_timeouts(self, udp: int, tcp_established: int, tcp_transitory: int, icmp: int) -> One:
        """Seconds after which idle sessions go."""
        return self._call(
            "nat_set_timeouts", udp=udp, tcp_established=tcp_established, tcp_transitory=tcp_transitory, icmp=icmp,
        )

    def nat_worker_dump(self) -> Many:
        """Threads that NAT's work is shared among; there is one, and it is no worker."""
        return self._call("nat_worker_dump")

    def pcap_trace_off(self) -> One:
        """Write the capture and end it."""
        return self._call("pcap_trace_off")

    def pcap_trace_on(
        self, capture_rx: bool = False, capture_tx: bool = False, capture_drop: bool = False,
        max_packets: int = 1000, max_bytes_per_packet: int = 512, sw_if_index: int = 0, filename: str = "",
        **options: Any,
    ) -> One:
        """options: what concerns VPP's memory or its classifier; taken, and without effect."""
        return self._call(
            "pcap_trace_on", capture_rx=capture_rx, capture_tx=capture_tx, capture_drop=capture_drop,
            max_packets=max_packets, max_bytes_per_packet=max_bytes_per_packet, sw_if_index=sw_if_index,
            filename=filename, **options,
        )

    def pg_create_interface(self, interface_id: int, **offload: Any) -> One:
        """Packet-generator interface pgN; as in VPP asking again gives the one that is there."""
        return self._call("pg_create_interface", interface_id=interface_id, **offload)

    def pg_create_interface_v2(self, interface_id: int, **offload: Any) -> One:
        """Packet-generator interface pgN; as in VPP asking again gives the one that is there."""
        return self._call("pg_create_interface_v2", interface_id=interface_id, **offload)

    def pg_create_interface_v3(self, interface_id: int, **offload: Any) -> One:
        """Packet-generator interface pgN; as in VPP asking again gives the one that is there."""
        return self._call("pg_create_interface_v3", interface_id=interface_id, **offload)

    def proxy_arp_add_del(self, proxy: Mapping[str, Any], is_add: bool = True) -> One:
        """Answer for the addresses of a range {table_id, low, hi} on the interfaces that proxy, or no more."""
        return self._call("proxy_arp_add_del", proxy=proxy, is_add=is_add)

    def proxy_arp_dump(self) -> Many:
        """The ranges that are answered for, but those of tables that are gone."""
        return self._call("proxy_arp_dump")

    def proxy_arp_intfc_dump(self) -> Many:
        """The interfaces that do."""
        return self._call("proxy_arp_intfc_dump")

    def proxy_arp_intfc_enable_disable(self, sw_if_index: int, enable: bool = True) -> One:
        """Whether an interface answers for those ranges."""
        return self._call("proxy_arp_intfc_enable_disable", sw_if_index=sw_if_index, enable=enable)

    def set_ip_flow_hash(
        self, vrf_id: int = 0, is_ipv6: bool = False, src: bool = False, dst: bool = False, sport: bool = False,
        dport: bool = False, proto: bool = False, reverse: bool = False, symmetric: bool = False,
    ) -> One:
        """What a table's flow hash is made of."""
        return self._call(
            "set_ip_flow_hash", vrf_id=vrf_id, is_ipv6=is_ipv6, src=src, dst=dst, sport=sport, dport=dport,
            proto=proto, reverse=reverse, symmetric=symmetric,
        )

    def set_ip_flow_hash_v2(self, flow_hash_config: int, table_id: int = 0, af: int = 0) -> One:
        """As set_ip_flow_hash, from bits."""
        return self._call("set_ip_flow_hash_v2", flow_hash_config=flow_hash_config, table_id=table_id, af=af)

    def set_ip_flow_hash_v3(self, flow_hash_config: int, table_id: int = 0, af: int = 0) -> One:
        """As set_ip_flow_hash, from bits."""
        return self._call("set_ip_flow_hash_v3", flow_hash_config=flow_hash_config, table_id=table_id, af=af)

    def show_threads(self) -> One:
        """The threads that move packets: one."""
        return self._call("show_threads")

    def show_version(self) -> One:
        """Program, version and build of the engine."""
        return self._call("show_version")

    def show_vpe_system_time(self) -> One:
        """Seconds of the engine's clock."""
        return self._call("show_vpe_system_time")

    def sw_interface_add_del_address(
        self, sw_if_index: int, prefix: Any = None, is_add: bool = True, del_all: bool = False,
    ) -> One:
        """Give an interface an address, or take one, or all, from it."""
        return self._call(
            "sw_interface_add_del_address", sw_if_index=sw_if_index, prefix=prefix, is_add=is_add, del_all=del_all,
        )

    def sw_interface_clear_stats(self, sw_if_index: int = 0xFFFFFFFF) -> One:
        """Counters of one interface, or of all."""
        return self._call("sw_interface_clear_stats", sw_if_index=sw_if_index)

    def sw_interface_dump(
        self, sw_if_index: int = 0xFFFFFFFF, name_filter_valid: bool = False, name_filter: str = "",
    ) -> Many:
        """All interfaces, or the one of that index, or those whose names contain the filter."""
        return self._call(
            "sw_interface_dump", sw_if_index=sw_if_index, name_filter_valid=name_filter_valid,
            name_filter=name_filter,
        )

    def sw_interface_get_mac_address(self, sw_if_index: int) -> One:
        """The MAC address of an interface."""
        return self._call("sw_interface_get_mac_address", sw_if_index=sw_if_index)

    def sw_interface_get_table(self, sw_if_index: int, is_ipv6: bool = False) -> One:
        """The table an interface is bound to."""
        return self._call("sw_interface_get_table", sw_if_index=sw_if_index, is_ipv6=is_ipv6)

    def sw_interface_set_flags(self, sw_if_index: int, flags: int) -> One:
        """Admin state: bit 1 of flags."""
        return self._call("sw_interface_set_flags", sw_if_index=sw_if_index, flags=flags)

    def sw_interface_set_l2_bridge(
        self, rx_sw_if_index: int, bd_id: int = 0, port_type: int = 0, shg: int = 0, enable: bool = True,
        bvi: bool = False,
    ) -> One:
        """Put an interface into a domain, or (enable false) back to routing. port_type 1, formerly bvi: its BVI."""
        return self._call(
            "sw_interface_set_l2_bridge", rx_sw_if_index=rx_sw_if_index, bd_id=bd_id, port_type=port_type, shg=shg,
            enable=enable, bvi=bvi,
        )

    def sw_interface_set_l2_xconnect(
        self, rx_sw_if_index: int, tx_sw_if_index: int = 0xFFFFFFFF, enable: bool = True,
    ) -> One:
        """Let all that comes in by one interface leave by the other, or (enable false) route it again."""
        return self._call(
            "sw_interface_set_l2_xconnect", rx_sw_if_index=rx_sw_if_index, tx_sw_if_index=tx_sw_if_index,
            enable=enable,
        )

    def sw_interface_set_mac_address(self, sw_if_index: int, mac_address: str) -> One:
        """Give an interface a MAC address."""
        return self._call("sw_interface_set_mac_address", sw_if_index=sw_if_index, mac_address=mac_address)

    def sw_interface_set_mtu(self, sw_if_index: int, mtu: list[int]) -> One:
        """mtu: L3, IPv4, IPv6, MPLS in bytes; the first one counts."""
        return self._call("sw_interface_set_mtu", sw_if_index=sw_if_index, mtu=mtu)

    def sw_interface_set_table(self, sw_if_index: int, vrf_id: int, is_ipv6: bool = False) -> One:
        """Bind an interface, which must have no addresses, to a table."""
        return self._call("sw_interface_set_table", sw_if_index=sw_if_index, vrf_id=vrf_id, is_ipv6=is_ipv6)

    def sw_interface_set_unnumbered(
        self, sw_if_index: int, unnumbered_sw_if_index: int, is_add: bool = True,
    ) -> One:
        """unnumbered_sw_if_index borrows the addresses of sw_if_index, as VPP names the two."""
        return self._call(
            "sw_interface_set_unnumbered", sw_if_index=sw_if_index, unnumbered_sw_if_index=unnumbered_sw_if_index,
            is_add=is_add,
        )

    def tap_create_v2(
        self, id: int = 0xFFFFFFFF, use_random_mac: bool = True, mac_address: str = "00:00:00:00:00:00",
        num_rx_queues: int = 1, **host: Any,
    ) -> One:
        """A tap; what concerns its host side has an effect in a live engine only, where there is one."""
        return self._call(
            "tap_create_v2", id=id, use_random_mac=use_random_mac, mac_address=mac_address,
            num_rx_queues=num_rx_queues, **host,
        )

    def tap_create_v3(
        self, id: int = 0xFFFFFFFF, use_random_mac: bool = True, mac_address: str = "00:00:00:00:00:00",
        num_rx_queues: int = 1, **host: Any,
    ) -> One:
        """A tap; what concerns its host side has an effect in a live engine only, where there is one."""
        return self._call(
            "tap_create_v3", id=id, use_random_mac=use_random_mac, mac_address=mac_address,
            num_rx_queues=num_rx_queues, **host,
        )

    def tap_delete_v2(self, sw_if_index: int) -> One:
        """Delete a tap."""
        return self._call("tap_delete_v2", sw_if_index=sw_if_index)

    def trace_capture_packets(
        self, node_index: int, max_packets: int, use_filter: bool = False, verbose: bool = False,
        pre_capture_clear: bool = False,
    ) -> One:
        """Trace so many packets more of an input node."""
        return self._call(
            "trace_capture_packets", node_index=node_index, max_packets=max_packets, use_filter=use_filter,
            verbose=verbose, pre_capture_clear=pre_capture_clear,
        )

    def trace_clear_cache(self) -> One:
        """Forget the traced packets and stop tracing."""
        return self._call("trace_clear_cache")

    def trace_clear_capture(self) -> One:
        """Forget the traced packets and stop tracing."""
        return self._call("trace_clear_capture")

    def trace_set_filters(
        self, flag: int, count: int, node_index: int = 0xFFFFFFFF, classifier_table_index: int = 0xFFFFFFFF,
    ) -> One:
        """Show only packets whose path has, or lacks, a node; at most so many."""
        return self._call(
            "trace_set_filters", flag=flag, count=count, node_index=node_index,
            classifier_table_index=classifier_table_index,
        )

    def trace_v2_dump(
        self, thread_id: int = 0xFFFFFFFF, position: int = 0, max: int = 50, clear_cache: bool = False,
    ) -> Many:
        """The text of traced packets from a position on; `more` tells of the last one whether there are others."""
        return self._call("trace_v2_dump", thread_id=thread_id, position=position, max=max, clear_cache=clear_cache)

    def urpf_interface_dump(self, sw_if_index: int = 0xFFFFFFFF) -> Many:
        """Interfaces (one, or all) whose sources are checked."""
        return self._call("urpf_interface_dump", sw_if_index=sw_if_index)

    def urpf_update(
        self, sw_if_index: int, mode: int, is_input: bool = True, af: int = 0, table_id: int = 0xFFFFFFFF,
    ) -> One:
        """Check the sources of what an interface receives: not at all, loose, or strict."""
        return self._call(
            "urpf_update", sw_if_index=sw_if_index, mode=mode, is_input=is_input, af=af, table_id=table_id,
        )

    def urpf_update_v2(
        self, sw_if_index: int, mode: int, is_input: bool = True, af: int = 0, table_id: int = 0xFFFFFFFF,
    ) -> One:
        """Check the sources of what an interface receives: not at all, loose, or strict."""
        return self._call(
            "urpf_update_v2", sw_if_index=sw_if_index, mode=mode, is_input=is_input, af=af, table_id=table_id,
        )

    def vxlan_add_del_tunnel(
        self, src_address: Any, dst_address: Any, vni: int, is_add: bool = True, instance: int = 0xFFFFFFFF,
        mcast_sw_if_index: int = 0xFFFFFFFF, encap_vrf_id: int = 0, decap_next_index: int = 0xFFFFFFFF,
        src_port: int = 4789, dst_port: int = 4789, is_l3: bool = False,
    ) -> One:
        """Make a tunnel with its interface, or delete it.

        decap_next_index: a next index of vxlan4-input, ~0 for the bridge. The port is 4789.
        """
        return self._call(
            "vxlan_add_del_tunnel", src_address=src_address, dst_address=dst_address, vni=vni, is_add=is_add,
            instance=instance, mcast_sw_if_index=mcast_sw_if_index, encap_vrf_id=encap_vrf_id,
            decap_next_index=decap_next_index, src_port=src_port, dst_port=dst_port, is_l3=is_l3,
        )

    def vxlan_add_del_tunnel_v2(
        self, src_address: Any, dst_address: Any, vni: int, is_add: bool = True, instance: int = 0xFFFFFFFF,
        mcast_sw_if_index: int = 0xFFFFFFFF, encap_vrf_id: int = 0, decap_next_index: int = 0xFFFFFFFF,
        src_port: int = 4789, dst_port: int = 4789, is_l3: bool = False,
    ) -> One:
        """Make a tunnel with its interface, or delete it.

        decap_next_index: a next index of vxlan4-input, ~0 for the bridge. The port is 4789.
        """
        return self._call(
            "vxlan_add_del_tunnel_v2", src_address=src_address, dst_address=dst_address, vni=vni, is_add=is_add,
            instance=instance, mcast_sw_if_index=mcast_sw_if_index, encap_vrf_id=encap_vrf_id,
            decap_next_index=decap_next_index, src_port=src_port, dst_port=dst_port, is_l3=is_l3,
        )

    def vxlan_add_del_tunnel_v3(
        self, src_address: Any, dst_address: Any, vni: int, is_add: bool = True, instance: int = 0xFFFFFFFF,
        mcast_sw_if_index: int = 0xFFFFFFFF, encap_vrf_id: int = 0, decap_next_index: int = 0xFFFFFFFF,
        src_port: int = 4789, dst_port: int = 4789, is_l3: bool = False,
    ) -> One:
        """Make a tunnel with its interface, or delete it.

        decap_next_index: a next index of vxlan4-input, ~0 for the bridge. The port is 4789.
        """
        return self._call(
            "vxlan_add_del_tunnel_v3", src_address=src_address, dst_address=dst_address, vni=vni, is_add=is_add,
            instance=instance, mcast_sw_if_index=mcast_sw_if_index, encap_vrf_id=encap_vrf_id,
            decap_next_index=decap_next_index, src_port=src_port, dst_port=dst_port, is_l3=is_l3,
        )

    def vxlan_tunnel_dump(self, sw_if_index: int = 0xFFFFFFFF) -> Many:
        """Tunnels, all or that of an interface."""
        return self._call("vxlan_tunnel_dump", sw_if_index=sw_if_index)

    def vxlan_tunnel_v2_dump(self, sw_if_index: int = 0xFFFFFFFF) -> Many:
        """As vxlan_tunnel_dump, with the ports."""
        return self._call("vxlan_tunnel_v2_dump", sw_if_index=sw_if_index)
