"""Policies attached to interfaces, as abf-input-ip4 sees them."""

from libc.stdint cimport uint16_t, uint32_t

from ...core.graph cimport Graph
from ..acl.acl cimport AclState, acl_main_t

ctypedef struct attachment_t:
    uint32_t acl_index
    uint32_t object_index       # what the policy's paths lead to: an adjacency, a load-balance
    uint16_t next_index         # of abf-input-ip4: the node that takes it

ctypedef struct abf_interface_t:
    attachment_t* attachments   # the best first
    uint32_t n_attachments
    uint32_t lc_index           # the lookup context of all their ACLs

ctypedef struct abf_main_t:
    acl_main_t* acl
    abf_interface_t* interfaces     # by sw_if_index
    uint32_t n_interfaces


cdef class AbfState:
    cdef abf_main_t main
    cdef readonly Graph graph
    cdef readonly AclState acl_state
