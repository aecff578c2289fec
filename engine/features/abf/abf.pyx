"""What abf-input-ip4 reads, and how the control plane changes it between frames."""

from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

from ...core.graph cimport Graph
from ..acl.acl cimport AclState


cdef class AbfState:
    """The attachments of one vswitch in C. acl: the ACL plugin's state, whose contexts are looked up in."""

    def __cinit__(self, Graph graph, AclState acl, *_args, **_named):
        self.graph, self.acl_state = graph, acl
        self.main.acl = &acl.main

    def __dealloc__(self):
        cdef uint32_t i
        for i in range(self.main.n_interfaces):
            free(self.main.interfaces[i].attachments)
        free(self.main.interfaces)

    def ensure_interface(self, uint32_t sw_if_index):
        """Make room for an interface. Raises MemoryError."""
        cdef uint32_t n = self.main.n_interfaces, wanted = max(sw_if_index + 1, 2 * n, 64)
        cdef abf_interface_t* grown
        if sw_if_index < n:
            return
        grown = <abf_interface_t*> realloc(self.main.interfaces, wanted * sizeof(abf_interface_t))
        if grown == NULL:
            raise MemoryError("no memory for policies of interfaces")
        memset(&grown[n], 0, (wanted - n) * sizeof(abf_interface_t))
        self.main.interfaces, self.main.n_interfaces = grown, wanted

    def set_attachments(self, uint32_t sw_if_index, uint32_t lc_index, attachments):
        """Policies of an interface, the best first: (ACL, next index, object's number) each.

        lc_index: the context of their ACLs. Raises MemoryError with nothing changed.
        """
        cdef uint32_t i, n = len(attachments)
        cdef attachment_t* new = <attachment_t*> malloc((n + 1) * sizeof(attachment_t))
        cdef abf_interface_t* interface
        if new == NULL:
            raise MemoryError("no memory for policies of interfaces")
        self.ensure_interface(sw_if_index)
        for i in range(n):
            new[i].acl_index, new[i].next_index, new[i].object_index = attachments[i]
        interface = &self.main.interfaces[sw_if_index]
        free(interface.attachments)
        interface.attachments, interface.n_attachments, interface.lc_index = new, n, lc_index
