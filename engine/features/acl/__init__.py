PLUGIN = ("acl_plugin.so", "Access Control Lists")
