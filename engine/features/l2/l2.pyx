"""State of the bridge: making, changing and freeing what its nodes read. What it should be, config.py decides."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memset

from ...core.buffer cimport buffer_current, buffer_t
from ...core.graph cimport Graph, frame_t, get_buffer, node_t, worker_t
from ...core.trace cimport is_traced, trace_add
from ...net.interface.interface cimport Interfaces
from ...tables.bihash cimport (
    bihash_add, bihash_clear, bihash_del, bihash_free, bihash_hash, bihash_init, bihash_next, bihash_search,
)

from .profile import PROFILES

cdef enum:
    BAD_INTERFACE_NEXT = 1      # of l2-output: l2-output-bad-intf
    LEARN_LIMIT = 4194304
    MINUTE_NS = 60000000000U

STATIC, AGE_NOT, BVI, FILTER = ENTRY_STATIC, ENTRY_AGE_NOT, ENTRY_BVI, ENTRY_FILTER
L3, BRIDGE, XCONNECT = MODE_L3, MODE_BRIDGE, MODE_XCONNECT


# ---- the trace entry of all nodes here ---------------------------------------------------------------

cdef void trace_frame_of(worker_t* w, node_t* node, buffer_t* b, int which) noexcept nogil:
    """The interface (SW_IF_INDEX_RX or _TX) and the first 26 bytes of a frame."""
    cdef l2_trace_t* entry = <l2_trace_t*> trace_add(w, node, b, sizeof(l2_trace_t))
    entry.sw_if_index, entry.bd_index = b.sw_if_index[which], b.u.l2.bd_index
    memcpy(entry.data, buffer_current(b), sizeof(entry.data))


cdef void trace_frames(worker_t* w, node_t* node, frame_t* frame, int which) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_traced(b):
            trace_frame_of(w, node, b, which)


# ---- ageing ---------------------------------------------------------------------------------------

cdef bint is_stale(l2_main_t* m, l2_entry_t* entry, uint16_t bd_index, uint8_t now) noexcept nogil:
    """A learned entry whose interface or domain was flushed since, or that was not heard of for too long."""
    cdef l2_domain_t* domain
    if entry.flags & ENTRY_AGE_NOT or bd_index >= m.n_domains:
        return False
    domain = &m.domains[bd_index]
    if entry.sn != (m.interfaces[entry.sw_if_index].sn | <uint16_t> domain.sn << 8):
        return True
    return domain.mac_age != 0 and <uint8_t> (now - entry.timestamp) >= domain.mac_age


cdef void scan(l2_main_t* m, uint64_t now_ns) noexcept nogil:
    """Delete all entries that are stale."""
    cdef uint64_t cursor = 0, key = 0
    cdef l2_value_t value
    while bihash_next(&m.macs, &cursor, &key, &value.word, 1):
        if is_stale(m, &value.entry, <uint16_t> (key >> 48), minutes_of(now_ns)):
            bihash_del(&m.macs, &key, bihash_hash(&key, 1), 1)
            m.n_learned -= 1


cdef uint64_t age(worker_t* w, void* main, uint64_t now_ns) noexcept nogil:
    """The timer: once a minute while any domain ages."""
    cdef l2_main_t* m = <l2_main_t*> main
    cdef uint32_t i
    cdef bint ageing = False
    scan(m, now_ns)
    for i in range(m.n_domains):
        if m.domains[i].in_use and m.domains[i].mac_age:
            ageing = True
    return now_ns + MINUTE_NS if ageing else <uint64_t> -1


# ---- what the control plane calls -------------------------------------------------------------------

cdef class L2State:
    """The bridge of one vswitch as its nodes see it. Interfaces by sw_if_index, domains by bd_index.

    MAC addresses are 6 bytes. Every method raises MemoryError when there is no room, IndexError for a domain that is
    not there; none checks more than that.
    """

    def __cinit__(self, Graph graph, Interfaces interfaces, str profile="18.01"):
        self.graph, self.interfaces, self.profile, self.nodes = graph, interfaces, PROFILES[profile], []
        self.main.hardware = &interfaces.main
        self.main.learn_limit = LEARN_LIMIT
        if bihash_init(&self.main.macs, 1, 0, 0) != 0 or bihash_init(&self.main.arp, 1, 0, 0) != 0:
            raise MemoryError("no memory for MAC addresses")
        self.new_domain()       # 0, the default one
        self.set_bits()
        self.process_index = graph.add_process("l2fib-mac-age-scanner-process", age, &self.main, <uint64_t> -1)

    def __dealloc__(self):
        cdef uint32_t i
        bihash_free(&self.main.macs, 1)
        bihash_free(&self.main.arp, 1)
        for i in range(self.main.n_domains):
            free(self.main.domains[i].members)
        free(self.main.domains)
        free(self.main.interfaces)
        for address in self.nodes or ():
            free(<void*> <uintptr_t> address)

    # ---- nodes

    def bit(self, is_input, name) -> int:
        """The bit of a feature, 0 where the release has no such."""
        names = [feature for feature, _ in self.profile.bits(is_input)]
        return 1 << names.index(name) if name in names else 0

    def set_bits(self):
        cdef l2_bits_t* bits = &self.main.bits
        bits.forward, bits.flood = self.bit(True, "FWD"), self.bit(True, "FLOOD")
        bits.unknown_flood, bits.unknown_forward = self.bit(True, "UU_FLOOD"), self.bit(True, "UU_FWD")
        bits.arp_term, bits.learn = self.bit(True, "ARP_TERM"), self.bit(True, "LEARN")
        bits.rewrite, bits.classify = self.bit(True, "VTR"), self.bit(True, "INPUT_CLASSIFY")
        bits.output_classify, bits.efp_filter = self.bit(False, "OUTPUT_CLASSIFY"), self.bit(False, "EFP_FILTER")

    cdef register_node(self, str name, node_function_t function, bint is_input, tuple declared, tuple errors,
                       object trace_format, tuple behind=()):
        """A node with next nodes of its own, then those of all features of its direction, then `behind`."""
        cdef l2_node_t* main = <l2_node_t*> calloc(1, sizeof(l2_node_t))
        cdef uint32_t bit
        if main == NULL:
            raise MemoryError("no memory for another node")
        self.nodes.append(<uintptr_t> main)
        main.main = &self.main
        nexts = tuple(dict.fromkeys(declared + self.profile.feature_nodes(is_input) + behind))
        slots = self.slots(is_input, nexts)
        for bit in range(N_FEATURES):
            main.nexts[bit] = slots[bit]
        self.graph.register(name, function, main, "internal", nexts, errors, None, None, trace_format, 0)

    def slots(self, is_input, nexts) -> list:
        """By feature bit, the next index in a node that has these next nodes; a bit without node drops."""
        bits = self.profile.bits(is_input)
        drop = nexts.index("feature-bitmap-drop")
        nodes = [node if node in nexts else "feature-bitmap-drop" for _, node in bits]
        return [nexts.index(node) for node in nodes] + [drop] * (N_FEATURES - len(nodes))

    # ---- interfaces

    cdef l2_interface_t* interface(self, uint32_t sw_if_index) except NULL:
        """The struct of an interface, with room made for it."""
        cdef uint32_t n = self.main.n_interfaces, i
        cdef uint32_t wanted = max(sw_if_index + 1, 2 * n, 64)
        cdef l2_interface_t* grown
        if sw_if_index >= n:
            grown = <l2_interface_t*> realloc(self.main.interfaces, wanted * sizeof(l2_interface_t))
            if grown == NULL:
                raise MemoryError("no memory for another interface")
            memset(&grown[n], 0, (wanted - n) * sizeof(l2_interface_t))
            for i in range(n, wanted):
                self.clear(&grown[i])
            self.main.interfaces = grown
            self.main.n_interfaces = wanted
        return &self.main.interfaces[sw_if_index]

    cdef clear(self, l2_interface_t* interface):
        """As of an interface that is not on the L2 path; its sequence number goes on."""
        cdef uint8_t sn = interface.sn
        memset(interface, 0, sizeof(l2_interface_t))
        interface.sn = sn
        interface.input_features = interface.features = FEATURE_DROP
        interface.output_features = FEATURE_OUTPUT
        interface.output_next = BAD_INTERFACE_NEXT
        memset(interface.tables, 0xff, sizeof(interface.tables))

    def reset_interface(self, uint32_t sw_if_index):
        """Take an interface off the L2 path, or make room for a new one."""
        self.clear(self.interface(sw_if_index))

    def set_interface(self, uint32_t sw_if_index, uint8_t mode, uint16_t bd_index=0, uint8_t shg=0, bint bvi=False,
                      uint32_t peer=0xffffffffU):
        """Where frames of an interface go. The features are set apart."""
        cdef l2_interface_t* interface = self.interface(sw_if_index)
        interface.mode, interface.bd_index, interface.shg, interface.is_bvi = mode, bd_index, shg, bvi
        interface.peer = peer
        interface.output_next = BAD_INTERFACE_NEXT
        if mode != MODE_L3:
            info = self.graph.nodes[self.interfaces.c_interface(sw_if_index).output_node]
            interface.output_next = self.graph.add_next("l2-output", info.name)

    def set_features(self, uint32_t sw_if_index, bint is_input, uint32_t features):
        """The bitmap of an interface."""
        cdef l2_interface_t* interface = self.interface(sw_if_index)
        if is_input:
            interface.input_features = features
            interface.features = features
            if interface.mode == MODE_BRIDGE:
                interface.features &= self.domain(interface.bd_index).features
        else:
            interface.output_features = features

    def set_tables(self, uint32_t sw_if_index, bint is_input, tables):
        """Numbers of the classifier tables for IPv4, IPv6 and all else, as traces print them."""
        cdef l2_interface_t* interface = self.interface(sw_if_index)
        cdef uint32_t i
        for i in range(3):
            interface.tables[is_input][i] = tables[i]

    def set_rewrite(self, uint32_t sw_if_index, bint is_input, uint8_t pop, bytes push):
        """What happens to the tags of frames in one direction: pop bytes taken off, then push (up to 8) put there."""
        cdef l2_interface_t* interface = self.interface(sw_if_index)
        cdef l2_rewrite_t* rewrite = &interface.input_rewrite if is_input else &interface.output_rewrite
        if len(push) > sizeof(rewrite.tags):
            raise ValueError(f"two tags have 8 bytes, not {len(push)}")
        rewrite.pop, rewrite.push = pop, <uint8_t> len(push)
        memcpy(rewrite.tags, <const char*> push, len(push))

    def set_own_tags(self, uint32_t sw_if_index, ids):
        """Ids of the tags that a sub-interface is known by, outer first."""
        cdef l2_interface_t* interface = self.interface(sw_if_index)
        interface.n_tags = <uint8_t> len(ids)
        interface.outer_id = ids[0] if ids else 0
        interface.inner_id = ids[1] if len(ids) > 1 else 0

    def bump_interface(self, uint32_t sw_if_index):
        """What was learned on an interface is not current any more."""
        self.interface(sw_if_index).sn += 1

    def interface_sn(self, uint32_t sw_if_index) -> int:
        return self.interface(sw_if_index).sn

    # ---- domains

    cdef l2_domain_t* domain(self, uint32_t bd_index) except NULL:
        if bd_index >= self.main.n_domains:
            raise IndexError(f"no bridge domain of index {bd_index}")
        return &self.main.domains[bd_index]

    def new_domain(self) -> int:
        """The lowest free bd_index, with room for it."""
        cdef uint32_t i
        cdef l2_domain_t* grown
        for i in range(1, self.main.n_domains):
            if not self.main.domains[i].in_use:
                break
        else:
            i = self.main.n_domains
            if i > 0xffff:
                raise MemoryError("no room for another bridge domain")
            grown = <l2_domain_t*> realloc(self.main.domains, (i + 1) * sizeof(l2_domain_t))
            if grown == NULL:
                raise MemoryError("no memory for another bridge domain")
            self.main.domains = grown
            self.main.n_domains = i + 1
            memset(&grown[i], 0, sizeof(l2_domain_t))
        self.main.domains[i].in_use = True
        return i

    def free_domain(self, uint32_t bd_index):
        """A domain without members is given up; the number of its flushes goes on."""
        self.domain(bd_index).in_use = False
        self.domain(bd_index).mac_age = 0

    def set_domain(self, uint32_t bd_index, uint32_t features, uint8_t mac_age):
        """features: with 0 for what is off. mac_age: minutes, 0 for ever."""
        cdef l2_domain_t* domain = self.domain(bd_index)
        cdef uint32_t i
        domain.features, domain.mac_age = features, mac_age
        for i in range(domain.n_members):
            self.set_features(domain.members[i].sw_if_index, True,
                              self.main.interfaces[domain.members[i].sw_if_index].input_features)
        if mac_age:
            self.graph.set_deadline(self.process_index, self.graph.worker.now_ns + MINUTE_NS)

    def set_members(self, uint32_t bd_index, members):
        """members: (sw_if_index, shg, is it the BVI), BVI first and tunnels last."""
        cdef l2_domain_t* domain = self.domain(bd_index)
        cdef uint32_t i = 0
        cdef l2_member_t* new = <l2_member_t*> malloc((len(members) + 1) * sizeof(l2_member_t))
        if new == NULL:
            raise MemoryError("no memory for the members of a bridge domain")
        for sw_if_index, shg, is_bvi in members:
            new[i].sw_if_index, new[i].shg, new[i].is_bvi = sw_if_index, shg, is_bvi
            i += 1
        free(domain.members)
        domain.members, domain.n_members = new, i

    def bump_domain(self, uint32_t bd_index):
        """What was learned in a domain is not current any more."""
        self.domain(bd_index).sn += 1

    def domain_sn(self, uint32_t bd_index) -> int:
        return self.domain(bd_index).sn

    # ---- MAC addresses

    def add_mac(self, bytes mac, uint16_t bd_index, uint32_t sw_if_index, uint8_t flags):
        """Provision an address, in place of what is known of it."""
        cdef uint64_t key = mac_key(mac, bd_index)
        cdef l2_value_t value, known
        memset(&value, 0, sizeof(value))
        value.entry.sw_if_index, value.entry.flags = sw_if_index, flags
        if bihash_search(&self.main.macs, &key, bihash_hash(&key, 1), 1, &known.word):
            self.main.n_learned -= not known.entry.flags & ENTRY_AGE_NOT
        if not flags & ENTRY_AGE_NOT:
            value.entry.sn = self.interface(sw_if_index).sn | <uint16_t> self.domain(bd_index).sn << 8
            value.entry.timestamp = minutes_of(self.graph.worker.now_ns)
            self.main.n_learned += 1
        if bihash_add(&self.main.macs, &key, bihash_hash(&key, 1), value.word, 1) != 0:
            raise MemoryError("no memory for another MAC address")

    def delete_mac(self, bytes mac, uint16_t bd_index) -> bool:
        """Forget an address; whether it was known."""
        cdef uint64_t key = mac_key(mac, bd_index)
        cdef l2_value_t value
        if not bihash_search(&self.main.macs, &key, bihash_hash(&key, 1), 1, &value.word):
            return False
        self.main.n_learned -= not value.entry.flags & ENTRY_AGE_NOT
        return bihash_del(&self.main.macs, &key, bihash_hash(&key, 1), 1)

    def delete_macs(self, uint32_t sw_if_index=0xffffffffU, uint32_t bd_index=0xffffffffU, bint provisioned=False):
        """Forget the addresses on an interface or in a domain; the provisioned ones only when asked to."""
        cdef uint64_t cursor = 0, key = 0
        cdef l2_value_t value
        while bihash_next(&self.main.macs, &cursor, &key, &value.word, 1):
            if value.entry.sw_if_index != sw_if_index and key >> 48 != bd_index:
                continue
            if provisioned or not value.entry.flags & ENTRY_AGE_NOT:
                bihash_del(&self.main.macs, &key, bihash_hash(&key, 1), 1)
                self.main.n_learned -= not value.entry.flags & ENTRY_AGE_NOT

    def clear_macs(self):
        """Forget all addresses, provisioned ones too."""
        bihash_clear(&self.main.macs, 1)
        self.main.n_learned = 0

    def scan(self):
        """Delete what is stale now."""
        scan(&self.main, self.graph.worker.now_ns)

    def macs(self) -> list:
        """(mac, bd_index, sw_if_index, flags, sn, timestamp) of all, in the order in which VPP's table has them."""
        cdef uint64_t cursor = 0, key = 0
        cdef l2_value_t value
        found = []
        while bihash_next(&self.main.macs, &cursor, &key, &value.word, 1):
            mac = (key & 0xffffffffffff).to_bytes(6, "little")
            entry = (mac, key >> 48, value.entry.sw_if_index, value.entry.flags, value.entry.sn, value.entry.timestamp)
            found.append((bihash_hash(&key, 1) & 0xffff, entry))
        return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]

    @property
    def n_macs(self) -> int:
        return self.main.macs.count

    @property
    def n_learned(self) -> int:
        return self.main.n_learned

    @property
    def learn_limit(self) -> int:
        return self.main.learn_limit

    @learn_limit.setter
    def learn_limit(self, uint32_t limit):
        self.main.learn_limit = limit

    @property
    def minutes(self) -> int:
        """The clock by which entries age."""
        return minutes_of(self.graph.worker.now_ns)

    # ---- answers to ARP

    def set_arp(self, uint16_t bd_index, uint32_t address, mac):
        """Answer requests for an address (network order, as in memory) with a MAC address; None: no more."""
        cdef uint64_t key = arp_key(address, bd_index)
        if mac is None:
            bihash_del(&self.main.arp, &key, bihash_hash(&key, 1), 1)
        elif bihash_add(&self.main.arp, &key, bihash_hash(&key, 1), mac_key(mac, 0), 1) != 0:
            raise MemoryError("no memory for another address")
