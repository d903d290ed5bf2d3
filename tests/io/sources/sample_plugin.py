"""A source of another package, as small as one can be: a text file with a name a line."""

from __future__ import annotations

from jicheng.io.sources.collecting import Collector
from jicheng.io.sources.files import parts_of
from jicheng.io.sources.reading import Job
from jicheng.io.sources.records import record_id


class Names:
    """Lists of names."""

    name = "names"
    title = "名单"
    licence = "CC0-1.0"

    def read(self, job: Job) -> Collector:
        """Take one organisation a line."""
        taken = Collector(job.limits)
        for part in parts_of(job.paths, lambda name: name.endswith(".txt"), job.limits):
            for line in part.stream.read().decode().splitlines():
                taken.add("organisations", {"id": record_id("o", line), "name": line})
        return taken
