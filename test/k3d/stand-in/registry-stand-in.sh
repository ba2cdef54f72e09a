#!/bin/sh
# Stands in for the image registry in tests: the one that crane has for tests of its own, which keeps all in memory.
exec crane registry serve --address "${REGISTRY_HTTP_ADDR:-:5000}"
