"""The rooms of the house, in the order in which their nodes and features are registered."""

from types import ModuleType
from typing import TYPE_CHECKING

from .features.abf import api as abf_api
from .features.abf import commands as abf_commands
from .features.abf.config import Abf
from .features.acl import api as acl_api
from .features.acl import commands as acl_commands
from .features.acl import macip_api, macip_commands
from .features.acl.config import Acl
from .features.acl.macip_config import Macip
from .features.geneve import api as geneve_api
from .features.geneve import commands as geneve_commands
from .features.geneve.config import Geneve
from .features.l2 import api as l2_api
from .features.l2 import arp_term, classify, flood, forward, learn, output
from .features.l2 import commands as l2_commands
from .features.l2 import input as l2_input
from .features.l2 import rewrite as tag_rewrite
from .features.l2.config import L2
from .features.nat44 import api as nat44_api
from .features.nat44 import commands as nat44_commands
from .features.nat44 import ei_api as nat44_ei_api
from .features.nat44 import settings_api as nat44_settings_api
from .features.nat44.config import Nat44
from .features.vxlan import api as vxlan_api
from .features.vxlan import commands as vxlan_commands
from .features.vxlan.config import Vxlan
from .net.arp import api as arp_api
from .net.arp import commands as arp_commands
from .net.arp import input as arp_input
from .net.arp import resolve as arp_resolve
from .net.arp.config import Arp
from .net.ethernet import nodes as ethernet
from .net.fib import api as fib_api
from .net.fib import commands as fib_commands
from .net.fib.config import Routing
from .net.icmp4 import error as icmp_error
from .net.icmp4 import input as icmp_input
from .net.interface import sub_api, sub_commands
from .net.ip4 import api as ip4_api
from .net.ip4 import commands as ip4_commands
from .net.ip4 import drop, frag, gre, input, local, lookup, rewrite, source_check
from .net.ip4.ip4 import Ip4
from .net.ip4.reassembly import Reassembly
from .net.ip4.reassembly_nodes import register as register_reassembly
from .net.ip6 import ip6
from .net.udp import udp

if TYPE_CHECKING:
    from .engine import Engine


def add_rooms(vpp: "Engine") -> tuple[list[ModuleType], list[ModuleType]]:
    """Build every protocol and feature onto the engine; returns their command and message modules.

    Nodes are registered in the order in which VPP's `show errors` lists them: features, IPv4, ARP, Ethernet.
    """
    vpp.fib = Routing(vpp.graph, vpp.interfaces, vpp.profile)
    vpp.ip4 = Ip4(vpp.graph, vpp.features, vpp.fib, vpp.profile)
    vpp.arp = Arp(vpp.graph, vpp.fib, vpp.interfaces, vpp.clock, vpp.profile)
    vpp.udp = udp.Udp(vpp.graph)
    vpp.l2 = L2(vpp.graph, vpp.interfaces, vpp.profile)
    vpp.vxlan = Vxlan(vpp.graph, vpp.interfaces, vpp.fib, vpp.udp, vpp.profile)
    vpp.geneve = Geneve(vpp.graph, vpp.interfaces, vpp.fib, vpp.udp)
    vpp.ip6 = ip6.Ip6(vpp.graph, vpp.features)
    vpp.nat44 = Nat44(vpp.graph, vpp.features, vpp.interfaces, vpp.fib, vpp.profile, vpp.startup.nat)
    vpp.buffer_holders.append(vpp.nat44)
    vpp.acl = Acl(vpp.graph, vpp.features, vpp.interfaces, vpp.l2, vpp.profile, vpp.startup.acl)
    vpp.macip = Macip(vpp.graph, vpp.features, vpp.interfaces, vpp.l2, vpp.profile)
    vpp.abf = Abf(vpp.graph, vpp.acl.state, vpp.features, vpp.interfaces, vpp.fib, vpp.acl, vpp.profile)
    frag.register(vpp.ip4)
    arp_resolve.register_incomplete(vpp.arp)
    vpp.reassembly = None
    if "ip4-reassembly" in vpp.ip4.profile.local_nexts:
        vpp.reassembly = Reassembly(vpp.ip4)
        register_reassembly(vpp.reassembly)
        vpp.interfaces.observe(vpp.reassembly)
        vpp.buffer_holders.append(vpp.reassembly)
    udp.register(vpp.udp)
    for module in (input, lookup, rewrite, local, drop, source_check, gre):
        module.register(vpp.ip4)
    vpp.macip.register()
    arp_input.register(vpp.arp)
    arp_term.register(vpp.l2)
    arp_resolve.register_glean(vpp.arp)
    icmp_error.register(vpp.ip4)
    icmp_input.register(vpp.ip4)
    vpp.vxlan.register()
    vpp.geneve.register()
    for module in (output, learn, l2_input, forward, flood, tag_rewrite):
        module.register(vpp.l2)
    output.register_drops(vpp.l2)
    vpp.ip6.register()
    classify.register_output(vpp.l2)
    ethernet.register(vpp.graph, vpp.interfaces)
    classify.register_input(vpp.l2)
    vpp.ip4.follow(vpp.interfaces)
    vpp.ip6.follow(vpp.interfaces)
    commands = [fib_commands, arp_commands, ip4_commands, nat44_commands, acl_commands, macip_commands,
                l2_commands, vxlan_commands, geneve_commands, abf_commands, sub_commands]  # fmt: skip
    messages = [sub_api, fib_api, arp_api, ip4_api, l2_api, vxlan_api, geneve_api, nat44_api, nat44_ei_api,
                nat44_settings_api, acl_api, macip_api, abf_api]  # fmt: skip
    return commands, messages
