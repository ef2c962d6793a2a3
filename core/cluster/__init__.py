"""Work beyond one machine, on Ray: tasks whose results don't depend on who ran them, or when.

The only package that imports Ray, and only once a cluster is asked for. Scheduling, moving data and trying
killed tasks again are Ray's. `session` connects and runs tasks for three commands: `prepare`, with the tasks
of `core.corpus.prepare`; training in `rounds`, with `blocks` of the table and `shards` of the playlists; and
`tuning`, a search whose trainings are tasks.
"""

from segue.core.cluster.session import connect

__all__ = ["connect"]
