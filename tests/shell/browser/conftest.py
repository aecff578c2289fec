from tests.shell.diagram.conftest import drops, same_node, two_nodes  # noqa: F401
