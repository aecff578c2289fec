"""Interfaces: numbers, names, state and the two nodes each of them owns."""

import sys
from socket import inet_aton

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memset

from ...core.counters cimport interface_counters_t
from ...core.graph cimport Graph, node_function_t
from .nodes cimport named_output, null_tx
from .vlans cimport NO_SUB, VLAN_ANY, free_vlans, new_vlans, vlan_place

from ...errors import ControlError
from .nodes import OUTPUT_ERRORS
from .trace import OUTPUT_FORMAT

DEFAULT_MTU = 9000
TX_ERRORS = ("no free tx slots",)
COUNTER_NAMES = ("drops", "punt", "ip4", "ip6", "rx-no-buf", "rx-miss", "rx-error", "tx-error")


cdef class Interface:
    """One interface as the control plane knows it; Interfaces keeps it and the packet path's struct alike."""

    @property
    def used_addresses(self) -> list:
        """Its own addresses, or those it borrows."""
        return self.addresses if self.borrows is None else self.borrows.addresses

    @property
    def mac_text(self) -> str:
        return self.mac.hex(":")

    def __repr__(self):
        return f"<interface {self.sw_if_index} {self.name}>"


cdef class Interfaces:
    """All interfaces of a vswitch. sw_if_index and hw_if_index are given as VPP does: last freed first."""

    def __cinit__(self, Graph graph, Features features):
        self.graph, self.features = graph, features
        self.by_index, self.by_name = [], {}
        self.free_indices, self.free_hw_indices, self.free_nodes, self.observers = [], [], [], []
        graph.set_main("interface-output", &self.main)
        self.create("local0", "local", bytes(6), False, 0, "", null_tx, NULL, None)

    def __dealloc__(self):
        cdef uint32_t i
        for i in range(self.main.n_interfaces):
            free_vlans(self.main.interfaces[i].vlans)
        free(self.main.interfaces)

    def __iter__(self):
        return (interface for interface in self.by_index if interface is not None)

    def observe(self, observer):
        """Tell observer of changes: interface_added, interface_deleted, interface_changed, where it has them."""
        self.observers.append(observer)

    def tell(self, str event, Interface interface):
        for observer in self.observers:
            handler = getattr(observer, event, None)
            if handler is not None:
                handler(interface)

    def get(self, name) -> Interface:
        """By name or sw_if_index. Raises ControlError."""
        if isinstance(name, str):
            found = self.by_name.get(name)
        else:
            found = self.by_index[name] if 0 <= name < len(self.by_index) else None
        if found is None:
            raise ControlError(f"no interface {name}")
        return found

    # ---- making and deleting

    cdef Interface create(self, str name, str kind, bytes mac, bint link_up, uint32_t mtu, str input_node,
                          node_function_t tx, void* device, object tx_format):
        """A new interface, admin down, with its NAME-output and NAME-tx nodes.

        mac: 6 bytes. mtu: L3, bytes. input_node: what receives for it. tx: the driver's function, with device
        as its node's main. Raises ControlError for a name in use.
        """
        cdef Interface interface = Interface()
        if name in self.by_name:
            raise ControlError("interface already exists")
        if name + "-output" in self.graph.by_name or name + "-tx" in self.graph.by_name:
            raise ControlError(f"{name} cannot name an interface: its nodes would be called as others are")
        interface.name, interface.kind, interface.mac, interface.mtu = name, kind, mac, mtu
        interface.link_up, interface.admin_up, interface.input_node = link_up, False, input_node
        interface.hw_if_index = self.free_hw_indices.pop() if self.free_hw_indices else self.count_hardware()
        self.add(interface)
        self.make_nodes(interface, tx, device, tx_format)
        self.sync(interface)
        self.tell("interface_added", interface)
        return interface

    cdef add(self, Interface interface):
        """Give a new interface its number and its place."""
        interface.fib_index, interface.addresses, interface.device = 0, [], None
        interface.l2 = interface.bvi = interface.proxy_arp = False
        if interface.tags is None:
            interface.tags = b""
        interface.sw_if_index = self.free_indices.pop() if self.free_indices else len(self.by_index)
        self.reserve(interface.sw_if_index)
        self.place(interface)

    def count_hardware(self) -> int:
        return sum(1 for interface in self if interface.parent is None)

    def create_sub(self, Interface parent, uint32_t sub_id, match) -> Interface:
        """PARENT.ID, a sub-interface that takes the frames of its parent with the tags of match, a SubMatch.

        Raises ControlError when the id or the tags are taken, or the parent is a sub-interface itself.
        """
        cdef Interface interface = Interface()
        cdef interface_t* c
        cdef uint32_t* place
        name = f"{parent.name}.{sub_id}"
        if parent.parent is not None or parent.kind == "local":
            raise ControlError(f"{parent.name} cannot have sub-interfaces")
        if name in self.by_name:
            raise ControlError(f"sub-interface {name} already exists")
        place = self.sub_place(parent, match)
        if place[0] != NO_SUB:
            raise ControlError(f"the tags of {name} are those of {self.by_index[place[0]].name}")
        interface.name, interface.kind, interface.mac, interface.mtu = name, "sub", parent.mac, 0
        interface.parent, interface.match, interface.tags = parent, match, match.tags
        interface.link_up, interface.admin_up, interface.input_node = True, False, ""
        interface.hw_if_index = parent.hw_if_index
        self.add(interface)
        place[0] = interface.sw_if_index
        c = &self.main.interfaces[interface.sw_if_index]
        c[0] = self.main.interfaces[parent.sw_if_index]
        c.vlans, c.flags = NULL, 0
        self.sync(interface)
        self.sync(parent)
        self.tell("interface_added", interface)
        return interface

    cdef uint32_t* sub_place(self, Interface parent, match) except NULL:
        """Where the number of the sub-interface that takes those frames stands."""
        cdef interface_t* c = &self.main.interfaces[parent.sw_if_index]
        if c.vlans == NULL:
            c.vlans = new_vlans()
            if c.vlans == NULL:
                raise MemoryError("no memory for sub-interfaces")
        if match.kind == "untagged":
            return &c.vlans.untagged
        if match.kind == "default" or match.outer == VLAN_ANY:
            return &c.vlans.others
        inner = -1 if match.inner is None else match.inner
        return vlan_place(c.vlans, match.dot1ad, match.outer, inner, match.exact)

    def subs_of(self, Interface parent) -> list:
        """Sub-interfaces of an interface."""
        return [interface for interface in self if interface.parent is parent]

    def delete_sub(self, Interface interface):
        """Remove a sub-interface and all that was configured on it."""
        if interface.parent is None:
            raise ControlError(f"{interface.name} is no sub-interface")
        self.set_state(interface, False)
        self.tell("interface_deleted", interface)
        self.features.remove_interface(interface.sw_if_index)
        self.sub_place(interface.parent, interface.match)[0] = NO_SUB
        self.forget(interface)
        self.sync(interface.parent)

    def forget(self, Interface interface):
        """The number and the name go to the next ones made."""
        self.by_index[interface.sw_if_index] = None
        del self.by_name[interface.name]
        self.free_indices.append(interface.sw_if_index)
        self.main.interfaces[interface.sw_if_index].flags = 0

    def use_output_node(self, Interface interface, str node):
        """Let another node than NAME-output take what leaves by an interface, as tunnels do."""
        cdef interface_t* c = &self.main.interfaces[interface.sw_if_index]
        c.output_node = self.graph.node(node).index
        c.output_slot = self.graph.add_next("interface-output", node)

    def place(self, Interface interface):
        if interface.sw_if_index == len(self.by_index):
            self.by_index.append(interface)
        else:
            self.by_index[interface.sw_if_index] = interface
        self.by_name[interface.name] = interface
        memset(&self.main.interfaces[interface.sw_if_index], 0, sizeof(interface_t))
        self.clear_counters(interface)

    cdef reserve(self, uint32_t sw_if_index):
        cdef uint32_t n = self.main.n_interfaces, wanted, i
        cdef interface_t* grown
        if sw_if_index < n:
            return
        wanted = max(2 * n, 64)
        grown = <interface_t*> realloc(self.main.interfaces, wanted * sizeof(interface_t))
        if grown == NULL:
            raise MemoryError("no memory for another interface")
        self.main.interfaces = grown
        for i in range(self.graph.n_threads):
            self.reserve_counters(self.graph.workers[i], n, wanted)
        memset(&grown[n], 0, (wanted - n) * sizeof(interface_t))
        self.main.n_interfaces = wanted

    cdef reserve_counters(self, worker_t* w, uint32_t n, uint32_t wanted):
        cdef interface_counters_t* counters = <interface_counters_t*> realloc(
            w.interface_counters, wanted * sizeof(interface_counters_t))
        if counters == NULL:
            raise MemoryError("no memory for interface counters")
        w.interface_counters = counters
        memset(&counters[n], 0, (wanted - n) * sizeof(interface_counters_t))

    cdef make_nodes(self, Interface interface, node_function_t tx, void* device, object tx_format):
        """NAME-output and NAME-tx: those of the interface deleted last, else new ones."""
        cdef interface_t* c = &self.main.interfaces[interface.sw_if_index]
        output, transmit = interface.name + "-output", interface.name + "-tx"
        if self.free_nodes:
            old_output, old_transmit = self.free_nodes.pop()
            self.graph.rename(old_output, output)
            self.graph.rename(old_transmit, transmit)
        else:
            self.graph.register(transmit, tx, device, "internal", ("error-drop", "l2-input", "ethernet-input"),
                                TX_ERRORS, None, None, tx_format, 0)
            self.graph.register(output, named_output, &self.main, "internal", ("error-drop", transmit),
                                OUTPUT_ERRORS, None, None, OUTPUT_FORMAT, 0)
        self.graph.bind(output, named_output, &self.main, interface.sw_if_index, OUTPUT_FORMAT)
        self.graph.bind(transmit, tx, device, interface.sw_if_index, tx_format)
        c.output_node = self.graph.node(output).index
        c.tx_node = self.graph.node(transmit).index
        c.output_slot = self.graph.add_next("interface-output", output)
        c.device = device

    def delete(self, Interface interface):
        """Remove an interface and all that was configured on it; its numbers and nodes go to the next ones made."""
        if interface.kind == "local":
            raise ControlError(f"{interface.name} cannot be deleted")
        for sub in self.subs_of(interface):
            self.delete_sub(sub)
        self.set_state(interface, False)
        for other in list(self):
            if other.borrows is interface:
                self.set_unnumbered(other, None)
        self.tell("interface_deleted", interface)
        self.features.remove_interface(interface.sw_if_index)
        names = [interface.name + "-output", interface.name + "-tx"]
        freed = [f"interface-{interface.hw_if_index}-deleted-{kind}" for kind in ("output", "tx")]
        for name, free_name in zip(names, freed):
            self.graph.rename(name, free_name)
        self.free_nodes.append(tuple(freed))
        self.forget(interface)
        self.free_hw_indices.append(interface.hw_if_index)
        free_vlans(self.main.interfaces[interface.sw_if_index].vlans)
        self.main.interfaces[interface.sw_if_index].vlans = NULL

    # ---- changing

    cdef interface_t* c_interface(self, uint32_t sw_if_index) noexcept:
        return &self.main.interfaces[sw_if_index]

    def sync(self, Interface interface):
        """Write what the control plane says of an interface into the packet path's struct."""
        cdef interface_t* c = &self.main.interfaces[interface.sw_if_index]
        cdef bytes mac = interface.mac, tags = interface.tags
        c.sw_if_index, c.hw_if_index = interface.sw_if_index, interface.hw_if_index
        c.flags = INTERFACE_IN_USE | INTERFACE_L2 * interface.l2 | INTERFACE_BVI * interface.bvi
        if c.vlans != NULL and c.vlans.untagged != NO_SUB:
            c.flags |= INTERFACE_UNTAGGED
        c.flags |= INTERFACE_ADMIN_UP * interface.admin_up | INTERFACE_PROXY_ARP * interface.proxy_arp
        c.ip4_address = 0
        c.address_owner = (interface if interface.borrows is None else interface.borrows).sw_if_index
        if interface.used_addresses:
            c.flags |= INTERFACE_IP4
            c.ip4_address = int.from_bytes(inet_aton(interface.used_addresses[0][0]), sys.byteorder)
        c.mtu = interface.mtu
        c.fib_index = interface.fib_index
        memcpy(c.mac, <const char*> mac, 6)
        c.n_tag_bytes = len(tags)
        memcpy(c.tags, <const char*> tags, len(tags))

    def set_state(self, Interface interface, bint up):
        """Admin state; what leaves by an interface that is down is dropped and counted.

        Sub-interfaces go down with their parent. Raises ControlError for one that is to go up before it.
        """
        if up and interface.parent is not None and not interface.parent.admin_up:
            raise ControlError(f"{interface.name} cannot go up while {interface.parent.name} is down")
        if interface.admin_up != up:
            interface.admin_up = up
            self.changed(interface)
        for sub in self.subs_of(interface):
            if not up:
                self.set_state(sub, False)

    def set_proxy_arp(self, Interface interface, bint on):
        """Whether the interface answers ARP for the proxied ranges."""
        interface.proxy_arp = on
        self.changed(interface)

    def set_l2(self, Interface interface, bint l2, bint bvi):
        """Whether frames go to the bridge, and whether the interface is a bridge domain's BVI."""
        interface.l2, interface.bvi = l2, bvi
        self.changed(interface)

    def set_mac(self, Interface interface, bytes mac):
        """mac: 6 bytes. Raises ControlError for another length."""
        if len(mac) != 6:
            raise ControlError(f"a MAC address has 6 bytes, not {len(mac)}")
        interface.mac = mac
        self.changed(interface)
        for sub in self.subs_of(interface):
            self.set_mac(sub, mac)

    def set_mtu(self, Interface interface, uint32_t mtu):
        """L3 MTU in bytes, 0 for no check. Raises ControlError beyond 65535."""
        if mtu > 0xffff:
            raise ControlError(f"an MTU has 16 bits, {mtu} is too large")
        interface.mtu = mtu
        self.changed(interface)

    def set_unnumbered(self, Interface interface, Interface lender):
        """Let an interface use another's addresses; None gives it back to its own. Raises ControlError."""
        if lender is not None and (lender is interface or lender.borrows is not None):
            raise ControlError(f"{lender.name} has no addresses of its own to lend to {interface.name}")
        if lender is not None and any(other.borrows is interface for other in self):
            raise ControlError(f"{interface.name} lends its addresses itself")
        interface.borrows = lender
        self.changed(interface)

    def changed(self, Interface interface):
        """Call after changing an interface's attributes from outside, as addresses or fib_index."""
        self.sync(interface)
        self.tell("interface_changed", interface)
        for other in list(self):
            if other.borrows is interface:
                self.changed(other)

    cdef set_offloads(self, Interface interface, uint32_t offloads):
        """OFFLOAD_*: what the driver's NAME-tx takes undone; NAME-output does the rest."""
        self.main.interfaces[interface.sw_if_index].offloads = offloads

    # ---- counters

    def counters(self, Interface interface) -> dict:
        """Counters that are not 0, in the order and with the names of `show interface`: sums over all threads."""
        cdef interface_counters_t c
        self.sum_counters(interface.sw_if_index, &c)
        found = {}
        for name, packets, n_bytes in (("rx", c.rx.packets, c.rx.bytes), ("tx", c.tx.packets, c.tx.bytes)):
            if packets:
                found[f"{name} packets"], found[f"{name} bytes"] = packets, n_bytes
        values = (c.drops, c.punt, c.ip4, c.ip6, c.rx_no_buf, c.rx_miss, c.rx_error, c.tx_error)
        found.update((name, value) for name, value in zip(COUNTER_NAMES, values) if value)
        return found

    def all_counters(self) -> tuple:
        """All interfaces, and their sums over all threads as interface_counters_t stand in memory: u64s, in a row."""
        cdef interface_counters_t* sums
        cdef Interface interface
        cdef size_t n = 0
        interfaces = list(self)
        sums = <interface_counters_t*> malloc(len(interfaces) * sizeof(interface_counters_t))
        if sums == NULL:
            raise MemoryError("no memory for a copy of the counters")
        for interface in interfaces:
            self.sum_counters(interface.sw_if_index, &sums[n])
            n += 1
        try:
            return interfaces, (<char*> sums)[:n * sizeof(interface_counters_t)]
        finally:
            free(sums)

    def clear_counters(self, Interface interface=None):
        """Zero the counters of one interface, or of all."""
        cdef interface_counters_t* counters
        cdef uint32_t i
        for i in range(self.graph.n_threads):
            counters = self.graph.workers[i].interface_counters
            if interface is None:
                memset(counters, 0, self.main.n_interfaces * sizeof(interface_counters_t))
            else:
                memset(&counters[interface.sw_if_index], 0, sizeof(interface_counters_t))

    cdef void sum_counters(self, uint32_t sw_if_index, interface_counters_t* total) noexcept:
        """What all threads counted of an interface: the struct is nothing but u64 counters."""
        cdef uint64_t* to = <uint64_t*> total
        cdef uint64_t* counts
        cdef uint32_t i, k
        memset(total, 0, sizeof(interface_counters_t))
        for i in range(self.graph.n_threads):
            counts = <uint64_t*> &self.graph.workers[i].interface_counters[sw_if_index]
            for k in range(sizeof(interface_counters_t) // sizeof(uint64_t)):
                to[k] += counts[k]
