PLUGIN = ("nat_plugin.so", "Network Address Translation")
