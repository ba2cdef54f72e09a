"""Which OpenTelemetry a process gets: the app's own, or the one that is brought here. A mixture of two does not work."""

import importlib.metadata
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

NAME = "opentelemetry"


class Choice:
    """
    A finder of the package `opentelemetry` alone. An app that has the API, as FastAPI does, and no SDK gets ours for both:
    each API is made for the programs of all before it, and an SDK for the API of the same version.
    """

    def __init__(self, folder):
        self.packages = os.path.join(folder, "packages.zip")
        self.is_started = False

    def find_spec(self, name, path=None, target=None):
        if name != NAME:
            return None
        theirs = PathFinder.find_spec(NAME, self.paths())
        if (theirs is None and not self.is_started) or self.why_not() is not None:
            return None
        spec = ModuleSpec(NAME, None, is_package=True)
        # A plain list: one of Python's own for a namespace would be computed again whenever sys.path changes.
        spec.submodule_search_locations = [os.path.join(self.packages, NAME), *self.locations(theirs)]
        return spec

    def why_not(self):
        """Why the app's own is left alone, in words; None if it is not."""
        paths = self.paths()
        theirs = PathFinder.find_spec(NAME, paths)
        sdk = theirs and PathFinder.find_spec(NAME + ".sdk", self.locations(theirs))
        if sdk:
            return "the app brings an OpenTelemetry SDK of its own, and is left to it"
        loaded = sys.modules.get(NAME)
        if loaded is not None and self.packages not in list(loaded.__path__)[0]:
            return "the app loaded its own OpenTelemetry before"
        own, found = self.version([self.packages]), self.version(paths)
        if theirs and found and own and found > own:
            return "the app brings OpenTelemetry %d.%d, and only %d.%d is known here" % (found + own)
        return None

    def provide(self):
        """Makes ours importable, behind everything that the app brings."""
        self.is_started = True
        if self.packages not in sys.path:
            sys.path.append(self.packages)

    def withdraw(self):
        self.is_started = False
        if self.packages in sys.path:
            sys.path.remove(self.packages)

    def paths(self):
        return [path for path in sys.path if path != self.packages]

    @staticmethod
    def locations(spec):
        return list(spec.submodule_search_locations or []) if spec else []

    @staticmethod
    def version(paths):
        """Its first two numbers."""
        for found in importlib.metadata.distributions(name="opentelemetry-api", path=paths):
            return tuple(int(part) for part in found.version.split(".")[:2])
        return None
