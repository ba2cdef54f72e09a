"""Instruments one package, and starts the SDK before the first one."""

import functools
import importlib
import sys
import threading

from . import versions

_lock = threading.Lock()
_started = None


def instrument(choice, name, short, instrumentor, say):
    """`short` and `instrumentor`: the instrumentation's module and class. Whether the SDK runs; throws what they throw."""
    if not is_started(choice, say):
        return False

    def load():
        return getattr(importlib.import_module("opentelemetry.instrumentation." + short), instrumentor)

    if name in SPECIAL:
        SPECIAL[name](sys.modules[name], load, say)
    else:
        when_it_fits(load(), short, say, lambda instrumented: instrumented().instrument())
    return True


def when_it_fits(instrumented, short, say, work):
    """Does it with the class of an instrumentation that is for the version which the app has."""
    why_not = versions.unfit(instrumented().instrumentation_dependencies())
    if why_not is None:
        work(instrumented)
    else:
        say("%s is not traced: %s" % (short, why_not))


def is_started(choice, say):
    global _started
    with _lock:
        if _started is None:
            from . import sdk

            # Also where it fails: one line is enough.
            _started = False
            _started = sdk.start(choice, say)
            if _started:
                versions.replace_check()
        return _started


def django(module, load, say):
    """Its middleware is part of the settings, which nobody has chosen yet when Django is imported."""
    inner = module.BaseHandler.load_middleware

    def load_middleware(self, *args, **options):
        module.BaseHandler.load_middleware = inner
        try:
            when_it_fits(load(), "django", say, lambda instrumented: instrumented().instrument())
        except Exception as error:
            say("django is not traced: %s: %s" % (type(error).__name__, error))
        return inner(self, *args, **options)

    module.BaseHandler.load_middleware = load_middleware


def each_app(class_name):
    """Each app when it is made. Replacing the class, as the instrumentations do, misses what was imported from elsewhere."""

    def replace(module, load, say):
        found = getattr(module, class_name)
        inner = found.__init__

        @functools.wraps(inner)
        def __init__(self, *args, **options):
            inner(self, *args, **options)
            # FastAPI traces itself from 0.165 on, as soon as there is an SDK.
            if hasattr(self, "_native_telemetry"):
                return
            try:
                when_it_fits(load(), class_name.lower(), say, lambda instrumented: instrumented.instrument_app(self))
            except Exception as error:
                say("%s is not traced: %s: %s" % (class_name.lower(), type(error).__name__, error))

        found.__init__ = __init__

    return replace


SPECIAL = {
    "django.core.handlers.base": django,
    "fastapi.applications": each_app("FastAPI"),
    "starlette.applications": each_app("Starlette"),
}
