"""A program of a job that takes no time: the dump is the raw file. ``python realworld_copy.py INPUT``."""

import json
import shutil
import sys
from pathlib import Path

from merging.date import EventType
from merging.datewalk import events

source = Path(sys.argv[1])
shutil.copyfile(source, "testevtdump.raw")
count = sum(event.type == EventType.PHYSICS for event in events(source))
Path("events.json").write_text(json.dumps({"testevtdump.raw": count}))
print(f"{count} events had been copied")
