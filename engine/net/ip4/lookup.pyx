"""ip4-lookup: destination to load-balance to next node; ip4-load-balance: the same from the load-balance on."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ...core.buffer cimport (
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_at,
    buffer_current,
    buffer_length,
    buffer_pool_t,
    buffer_t,
    likely,
    prefetch,
    prefetch_write,
)
from ...core.counters cimport combined_counter_t
from ...core.graph cimport FRAME_SIZE, FRAME_TRACE, enqueue_frame, frame_t, get_buffer, node_t, worker_t
from ...core.trace cimport is_traced, trace_add
from ...tables.mtrie cimport mtrie_lookup, mtrie_lookup_finish, mtrie_lookup_start, mtrie_t
from ...wire.headers cimport ip4_header_t
from ..fib.fib cimport (
    DROP_LOAD_BALANCE,
    adjacency_at,
    adjacency_t,
    buffer_fib_index,
    dpo_t,
    fib_lookup,
    fib_main_t,
    load_balance_at,
    load_balance_bucket,
    load_balance_t,
)
from ..fib.flow_hash cimport ip4_flow_hash
from .ip4 cimport Ip4, ip4_main_t, trace_forward

from .trace import AGAIN_FORMAT, LOOKUP_FORMAT

cdef enum:
    NEXT_DROP = 0
    MOST_LOOKUPS = 6
    BUFFER_LOOP_COUNTER_VALID = 1 << 26     # buffer_t.reserved counts how often it was looked up again

LOOKUP_NEXTS = ("ip4-drop", "ip4-punt", "ip4-local", "ip4-arp", "ip4-glean", "ip4-rewrite", "ip4-midchain",
                "ip4-icmp-error", "ip4-rewrite-mcast", "ip4-rewrite-bcast", "ip4-mcast-midchain")


# ---- counting, in runs of packets with the same load-balance -----------------------------------

ctypedef struct run_t:
    uint32_t index
    uint64_t packets
    uint64_t bytes


cdef inline void run_begin(run_t* run, uint32_t index) noexcept nogil:
    run.index, run.packets, run.bytes = index, 0, 0


cdef inline void run_count(run_t* run, buffer_t* b) noexcept nogil:
    run.packets += 1
    run.bytes += buffer_length(b)


cdef inline void run_flush(run_t* run, combined_counter_t* counter) noexcept nogil:
    counter.packets += run.packets
    counter.bytes += run.bytes


# ---- ip4-lookup --------------------------------------------------------------------------------

cdef inline mtrie_t* table_of(fib_main_t* fm, buffer_t* b) noexcept nogil:
    """Table of a packet, NULL if it names one that is not there."""
    cdef uint32_t fib_index = buffer_fib_index(fm, b)
    return fm.tables[fib_index] if likely(fib_index < fm.n_tables, 1) else NULL


cdef void find_in_many_tables(worker_t* w, fib_main_t* fm, frame_t* frame, uint32_t* found) noexcept nogil:
    """Longest match of each destination, in each packet's own table."""
    cdef uint32_t i
    cdef buffer_t* b
    cdef mtrie_t* table
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        table = table_of(fm, b)
        found[i] = DROP_LOAD_BALANCE
        if table != NULL:
            found[i] = mtrie_lookup(table, (<ip4_header_t*> buffer_current(b)).dst)


cdef inline void find_load_balances(worker_t* w, fib_main_t* fm, frame_t* frame, uint32_t* found) noexcept nogil:
    """Longest match of all destinations, one ply at a time over the whole frame; most frames need one table."""
    cdef buffer_pool_t pool = w.pool[0]
    cdef uint32_t addresses[FRAME_SIZE]
    cdef uint32_t i, n = frame.n_vectors, rx, tx
    cdef buffer_t* b = buffer_at(&pool, frame.indices[0])
    cdef mtrie_t* table = table_of(fm, b)
    cdef bint mixed = table == NULL
    cdef mtrie_t mtrie = table[0] if table != NULL else fm.tables[0][0]
    rx, tx = b.sw_if_index[SW_IF_INDEX_RX], b.sw_if_index[SW_IF_INDEX_TX]
    for i in range(n):
        b = buffer_at(&pool, frame.indices[i])
        if b.sw_if_index[SW_IF_INDEX_RX] != rx or b.sw_if_index[SW_IF_INDEX_TX] != tx:
            rx, tx = b.sw_if_index[SW_IF_INDEX_RX], b.sw_if_index[SW_IF_INDEX_TX]
            mixed |= table_of(fm, b) != table
        addresses[i] = (<ip4_header_t*> buffer_current(b)).dst
        found[i] = mtrie_lookup_start(&mtrie, addresses[i])
    if mixed:
        find_in_many_tables(w, fm, frame, found)
        return
    for i in range(n):
        found[i] = mtrie_lookup_finish(&mtrie, addresses[i], found[i])
        prefetch_write(load_balance_at(fm, found[i]))


cdef dpo_t* choose_bucket(load_balance_t* lb, buffer_t* b) noexcept nogil:
    b.u.ip.flow_hash = ip4_flow_hash(<ip4_header_t*> buffer_current(b), lb.flow_hash_config)
    return load_balance_bucket(lb, b.u.ip.flow_hash)


cdef void ip4_lookup(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef fib_main_t* fm = (<ip4_main_t*> node.main).fib
    cdef buffer_pool_t pool = w.pool[0]
    cdef load_balance_t* load_balances = load_balance_at(fm, 0)
    cdef adjacency_t* adjacencies = adjacency_at(fm, 0)
    cdef uint32_t found[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef run_t run
    cdef buffer_t* b
    cdef load_balance_t* lb
    cdef dpo_t* dpo
    find_load_balances(w, fm, frame, found)
    run_begin(&run, found[0])
    for i in range(frame.n_vectors):
        b = buffer_at(&pool, frame.indices[i])
        lb = &load_balances[found[i]]
        b.u.ip.flow_hash = 0
        dpo = &lb.first if likely(lb.n_buckets == 1, 1) else choose_bucket(lb, b)
        prefetch(&adjacencies[dpo.index])       # nothing is lost if it is something else
        b.u.ip.adj_index_tx = dpo.index
        nexts[i] = dpo.next_index
        if found[i] != run.index:
            run_flush(&run, &load_balances[run.index].to)
            run_begin(&run, found[i])
        run_count(&run, b)
    run_flush(&run, &load_balances[run.index].to)
    if frame.flags & FRAME_TRACE:
        trace_forward(fm, w, node, frame)
    enqueue_frame(w, node, frame, nexts)


# ---- ip4-load-balance --------------------------------------------------------------------------

cdef dpo_t* choose_again(load_balance_t* lb, buffer_t* b) noexcept nogil:
    """As choose_bucket, but a hash left by the lookup before is used up bit by bit, so that choices differ."""
    if b.u.ip.flow_hash == 0:
        return choose_bucket(lb, b)
    b.u.ip.flow_hash >>= 1
    return load_balance_bucket(lb, b.u.ip.flow_hash)


cdef void ip4_load_balance(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Packets come with the number of a load-balance instead of the object it leads to."""
    cdef fib_main_t* fm = (<ip4_main_t*> node.main).fib
    cdef buffer_pool_t pool = w.pool[0]
    cdef load_balance_t* load_balances = load_balance_at(fm, 0)
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef run_t run
    cdef buffer_t* b
    cdef load_balance_t* lb
    cdef dpo_t* dpo
    if frame.flags & FRAME_TRACE:
        trace_forward(fm, w, node, frame)
    for i in range(frame.n_vectors):
        prefetch_write(&load_balances[buffer_at(&pool, frame.indices[i]).u.ip.adj_index_tx])
    run_begin(&run, get_buffer(w, frame.indices[0]).u.ip.adj_index_tx)
    for i in range(frame.n_vectors):
        b = buffer_at(&pool, frame.indices[i])
        lb = &load_balances[b.u.ip.adj_index_tx]
        if b.u.ip.adj_index_tx != run.index:
            run_flush(&run, &load_balances[run.index].via)
            run_begin(&run, b.u.ip.adj_index_tx)
        run_count(&run, b)
        dpo = &lb.first if likely(lb.n_buckets == 1, 1) else choose_again(lb, b)
        b.u.ip.adj_index_tx = dpo.index
        nexts[i] = dpo.next_index
    run_flush(&run, &load_balances[run.index].via)
    enqueue_frame(w, node, frame, nexts)


# ---- lookup-ip4-dst ----------------------------------------------------------------------------

ctypedef struct again_trace_t:
    uint32_t fib_index
    uint32_t address            # network order
    uint32_t load_balance


cdef inline bint looked_up_too_often(buffer_t* b) noexcept nogil:
    """Tables may send a packet to one another in a circle: count, as VPP does."""
    if not b.flags & BUFFER_LOOP_COUNTER_VALID:
        b.flags |= BUFFER_LOOP_COUNTER_VALID
        b.reserved = 0
    b.reserved += 1
    return b.reserved > MOST_LOOKUPS


cdef uint16_t look_up_again(worker_t* w, node_t* node, buffer_t* b) noexcept nogil:
    """Next index of a packet whose route says to look it up in another table."""
    cdef fib_main_t* fm = (<ip4_main_t*> node.main).fib
    cdef uint32_t fib_index = b.u.ip.adj_index_tx, address = (<ip4_header_t*> buffer_current(b)).dst
    cdef uint32_t index = fib_lookup(fm, fib_index, address)
    cdef load_balance_t* lb = load_balance_at(fm, index)
    cdef again_trace_t* entry
    cdef dpo_t* dpo
    lb.via.packets += 1
    lb.via.bytes += buffer_length(b)
    dpo = &lb.first if lb.n_buckets == 1 else choose_again(lb, b)
    b.u.ip.adj_index_tx = dpo.index
    if is_traced(b):
        entry = <again_trace_t*> trace_add(w, node, b, sizeof(again_trace_t))
        entry.fib_index, entry.address, entry.load_balance = fib_index, address, index
    return NEXT_DROP if looked_up_too_often(b) else dpo.next_index


cdef void lookup_ip4_dst(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Packets come with the number of the table to look their destination up in."""
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    for i in range(frame.n_vectors):
        nexts[i] = look_up_again(w, node, get_buffer(w, frame.indices[i]))
    enqueue_frame(w, node, frame, nexts)


def register(Ip4 ip4):
    ip4.graph.register("ip4-lookup", ip4_lookup, &ip4.main, "internal", LOOKUP_NEXTS, (), "ip4-input", None,
                       LOOKUP_FORMAT, 0)
    ip4.graph.register("ip4-load-balance", ip4_load_balance, &ip4.main, "internal", (), (), "ip4-input", "ip4-lookup",
                       LOOKUP_FORMAT, 0)
    ip4.graph.register("lookup-ip4-dst", lookup_ip4_dst, &ip4.main, "internal", (), (), "ip4-input", "ip4-lookup",
                       AGAIN_FORMAT, 0)
