"""The tables of MACIP ACLs, and which interface has which: what the control plane gives the nodes."""

from libc.stdint cimport uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memset

from ...core.graph cimport Graph
from ...tables.bihash cimport bihash_add, bihash_free, bihash_hash, bihash_init

IP4, IP6, ARP = FAMILY_IP4, FAMILY_IP6, FAMILY_ARP
ENTRY_SIZE = sizeof(macip_entry_t)


cdef uint64_t mac_word(bytes mac) except? 0xffffffffffffffffU:
    return int.from_bytes(mac[:MAC_BYTES], "little")


cdef class MacipChain:
    """The tables of one list and direction.

    steps: (MAC mask of 6 bytes, address mask of 16, family, number of tags, table number), first asked first.
    entries: (step, MAC address, address of 16 bytes, rule, whether it permits); of two that are the same once masked,
    the later one stands, as in VPP. Raises MemoryError.
    """

    def __cinit__(self, list steps, list entries):
        cdef macip_chain_t* chain = &self.chain
        cdef uint32_t i
        if bihash_init(&chain.table, MACIP_KEY_WORDS, len(entries) + 1, 0) != 0:
            raise MemoryError("no memory for a MACIP ACL")
        chain.steps = <macip_step_t*> calloc(len(steps) + 1, sizeof(macip_step_t))
        chain.entries = <macip_entry_t*> calloc(len(entries) + 1, sizeof(macip_entry_t))
        if chain.steps == NULL or chain.entries == NULL:
            raise MemoryError("no memory for a MACIP ACL")
        chain.n_steps, chain.n_entries = len(steps), len(entries)
        for i, (mac_mask, address_mask, family, n_tags, table) in enumerate(steps):
            chain.steps[i].mac_mask = mac_word(mac_mask)
            chain.steps[i].address_mask[0] = int.from_bytes(address_mask[:8], "little")
            chain.steps[i].address_mask[1] = int.from_bytes(address_mask[8:], "little")
            chain.steps[i].kind = family * NUMBERS_OF_TAGS + n_tags
            chain.steps[i].table_index = table
        for i, (step, mac, address, rule, permits) in enumerate(entries):
            chain.entries[i].rule_index, chain.entries[i].permits = rule, permits
            self.add(step, mac, address, i)

    def __dealloc__(self):
        bihash_free(&self.chain.table, MACIP_KEY_WORDS)
        free(self.chain.steps)
        free(self.chain.entries)

    def add(self, uint32_t step, bytes mac, bytes address, uint64_t place):
        """Enter what the step's masks leave of an address."""
        cdef macip_step_t* masks = &self.chain.steps[step]
        cdef uint64_t key[MACIP_KEY_WORDS]
        key[0] = mac_word(mac) & masks.mac_mask
        key[1] = <uint64_t> int.from_bytes(address[:8], "little") & masks.address_mask[0]
        key[2] = <uint64_t> int.from_bytes(address[8:], "little") & masks.address_mask[1]
        key[3], key[4] = step, 0
        if bihash_add(&self.chain.table, key, bihash_hash(key, MACIP_KEY_WORDS), place, MACIP_KEY_WORDS) != 0:
            raise MemoryError("no memory for a MACIP ACL")

    def hits(self) -> list:
        """(rule, frames it decided) for each entry."""
        return [(self.chain.entries[i].rule_index, self.chain.entries[i].hits) for i in range(self.chain.n_entries)]


cdef class MacipState:
    """Which tables the frames of an interface meet. Interfaces by sw_if_index."""

    def __cinit__(self, Graph graph):
        self.graph, self.nodes, self.kept = graph, [], {}

    def __dealloc__(self):
        for address in self.nodes or ():
            free(<void*> <uintptr_t> address)
        free(self.main.interfaces)

    cdef macip_interface_t* interface(self, uint32_t sw_if_index) except NULL:
        """The struct of an interface, with room made for it."""
        cdef macip_main_t* m = &self.main
        cdef uint32_t wanted = max(sw_if_index + 1, 2 * m.n_interfaces, 64)
        cdef macip_interface_t* grown
        if sw_if_index >= m.n_interfaces:
            grown = <macip_interface_t*> realloc(m.interfaces, wanted * sizeof(macip_interface_t))
            if grown == NULL:
                raise MemoryError("no memory for another interface")
            memset(&grown[m.n_interfaces], 0, (wanted - m.n_interfaces) * sizeof(macip_interface_t))
            m.interfaces, m.n_interfaces = grown, wanted
        return &m.interfaces[sw_if_index]

    def set_chain(self, uint32_t sw_if_index, bint is_input, MacipChain chain):
        """Tables for an interface and direction; None for none, with its feature turned off before."""
        self.interface(sw_if_index).chains[is_input] = NULL if chain is None else &chain.chain
        if chain is None:
            self.kept.pop((sw_if_index, is_input), None)
        else:
            self.kept[sw_if_index, is_input] = chain
