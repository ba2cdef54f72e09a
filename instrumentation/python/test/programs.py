"""Prints what each command line on standard input, a JSON array of arrays, is taken for."""

import json
import sys

sys.path[:0] = sys.argv[1:]

from coppice_instrument import programs, versions  # noqa: E402

asked = json.load(sys.stdin)
print(
    json.dumps(
        {
            "programs": [programs.program_of(words)[0] for words in asked["programs"]],
            "tools": [programs.is_tool(words) for words in asked["programs"]],
            "watchers": [programs.is_watcher(words, env) for words, env in asked["watchers"]],
            "fit": [versions.is_met(requirement, version) for requirement, version in asked["versions"]],
        }
    )
)
