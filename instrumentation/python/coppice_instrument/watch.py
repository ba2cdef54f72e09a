"""
Waits for the packages that can be traced. A process that imports none of them loads nothing else: neither the SDK, which
costs as much as a small app, nor a thread, so a server that forks its workers before they import the app is no exception.
"""

import os
import sys

from . import programs
from .choice import Choice

# The module that is waited for, and the module and class of its instrumentation.
TRACED = {
    "aiohttp": ("aiohttp_client", "AioHttpClientInstrumentor"),
    "aiohttp.web": ("aiohttp_server", "AioHttpServerInstrumentor"),
    "asyncpg": ("asyncpg", "AsyncPGInstrumentor"),
    "django.core.handlers.base": ("django", "DjangoInstrumentor"),
    "fastapi.applications": ("fastapi", "FastAPIInstrumentor"),
    "flask": ("flask", "FlaskInstrumentor"),
    "httpx": ("httpx", "HTTPXClientInstrumentor"),
    "psycopg": ("psycopg", "PsycopgInstrumentor"),
    "psycopg2": ("psycopg2", "Psycopg2Instrumentor"),
    "pymongo": ("pymongo", "PymongoInstrumentor"),
    "pymysql": ("pymysql", "PyMySQLInstrumentor"),
    "redis": ("redis", "RedisInstrumentor"),
    "requests": ("requests", "RequestsInstrumentor"),
    "sqlalchemy": ("sqlalchemy", "SQLAlchemyInstrumentor"),
    "starlette.applications": ("starlette", "StarletteInstrumentor"),
    "urllib3": ("urllib3", "URLLib3Instrumentor"),
}

# Too much imports this one: alone it starts no SDK.
BESIDES = {"urllib.request": ("urllib", "URLLibInstrumentor")}


class Watch:
    """A finder of modules that finds none itself: it learns when one that it waits for was imported."""

    def __init__(self, wake):
        self.known = set()
        self.waiting = set()
        self.wake = wake

    def wait_for(self, names):
        """Each of them once. What a .pth file imported before counts as imported now."""
        new = [name for name in names if name not in self.known]
        self.known.update(new)
        self.waiting.update(new)
        for name in new:
            if name in sys.modules:
                self.imported(name)

    def find_spec(self, name, path=None, target=None):
        if name not in self.waiting:
            return None
        spec = self.found_by_others(name, path, target)
        loader = getattr(spec, "loader", None)
        # A class is the loader of what is built into Python.
        if loader is None or isinstance(loader, type) or not hasattr(loader, "exec_module"):
            return spec
        inner = loader.exec_module

        def exec_module(module):
            inner(module)
            if module.__name__ == name:
                self.imported(name)

        try:
            loader.exec_module = exec_module
        except AttributeError:
            pass
        return spec

    def found_by_others(self, name, path, target):
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find else None
            if spec is not None:
                return spec
        return None

    def imported(self, name):
        if name in self.waiting:
            self.waiting.discard(name)
            self.wake(name)


def start(folder, say):
    words = sys.orig_argv
    if programs.is_tool(words) or programs.is_watcher(words, os.environ):
        return
    choice = Choice(folder)
    watch = Watch(lambda name: wake(name))

    def wake(name):
        try:
            # Beside this file, and outside of it: both cost more than everything above.
            from . import instrument

            found = TRACED.get(name) or BESIDES[name]
            if instrument.instrument(choice, name, *found, say):
                watch.wait_for(enabled(BESIDES))
        except Exception as error:
            say("%s is not traced: %s: %s" % (name, type(error).__name__, error))

    sys.meta_path[:0] = [choice, watch]
    watch.wait_for(enabled(TRACED))


def enabled(table):
    words = os.environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",")
    disabled = {word.strip() for word in words}
    return [] if "*" in disabled else [name for name, (short, _) in table.items() if short not in disabled]

