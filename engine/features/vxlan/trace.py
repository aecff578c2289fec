"""Trace entries of the VXLAN nodes, as VPP prints them."""

from engine.net.tunnel.trace import formats

INPUT_FORMAT, ENCAP_FORMAT = formats("VXLAN")
