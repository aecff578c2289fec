"""Classic BPF: packet filters as libpcap compiles them, run on the packet path.

A program comes from a PacketFilter, which let in nothing that could jump out of it or write beyond its memory;
what depends on the packet is checked as it runs.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

ctypedef struct bpf_insn_t:
    uint16_t code
    uint8_t jt          # instructions to skip when a condition holds
    uint8_t jf          # and when it does not
    uint32_t k

cdef uint32_t bpf_run(const bpf_insn_t* code, const uint8_t* data, uint32_t n, uint32_t length) noexcept nogil


cdef class PacketFilter:
    cdef bpf_insn_t* code
    cdef readonly uint32_t n_instructions
    cdef readonly str text              # what the user wrote
