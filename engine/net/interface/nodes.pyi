from ...core.graph import Graph

OUTPUT_ERRORS: tuple[str, ...]

def register(graph: Graph) -> None: ...
