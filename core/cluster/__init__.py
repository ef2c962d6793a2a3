"""Work beyond one machine, on Ray: tasks whose results don't depend on who ran them, or when.

The only room that imports Ray, and only once a cluster is asked for. Scheduling, moving data and trying
killed tasks again are Ray's.
"""

from segue.core.cluster.session import connect

__all__ = ["connect"]
