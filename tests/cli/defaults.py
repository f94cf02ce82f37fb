"""defaults.py MANUAL HELP - the defaults of the options in the manual's source and in the output of --help all: prints
those that differ, and how many are equal.

The manual says "Default: X." or "Defaults: X, Y." after the options *--x* and *--y*; --help ends a text with [X]."""

import re
import sys


def in_manual(text):
    defaults = {}
    options = re.search(r"^# OPTIONS$(.*?)^# ", text, re.M | re.S)[1]
    for head, body in re.findall(r"^(\*--.*)\n((?:\t.*\n)+)", options, re.M):
        names = re.findall(r"\*--([a-z0-9-]+)\*", head)
        found = re.search(r"Defaults?: (.*?)(?:\. |\.$|; | for )", " ".join(body.split()))
        values = found[1].split(", ") if found else [None] * len(names)
        defaults.update(zip(names, values, strict=True))
    return defaults


def in_help(text):
    defaults = {}
    for name, body in re.findall(r"^  --([a-z0-9-]+)(.*(?:\n {3,}.*)*)", text, re.M):
        found = re.findall(r" \[([^]]+)\]", body.split("\n", 1)[-1] if body.startswith(" [") else body)
        defaults[name] = " ".join(found[-1].split()) if found else None
    return defaults


manual, helped = (read(open(path, encoding="utf-8").read()) for read, path in zip((in_manual, in_help), sys.argv[1:]))
wrong = [name for name in manual if manual[name] != helped.get(name) and name not in ("threads", "help", "check-gradient")]
# the first depends on the machine, the others show [TOPIC] and [N]
for name in wrong:
    print(f"--{name}: the manual says {manual[name]}, --help {helped.get(name)}")
print(sum(value is not None for value in manual.values()) - len(wrong), "defaults are equal")
sys.exit(1 if wrong else 0)
