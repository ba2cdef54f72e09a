#!/bin/sh
# Stand-in for the image registry in tests: crane's own test registry, which keeps everything in memory.
exec crane registry serve --address "${REGISTRY_HTTP_ADDR:-:5000}"
