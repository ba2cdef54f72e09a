"""
Loaded by PYTHONPATH into every Python of a pod. It decides whether that process may be instrumented, and then lets the
app's own sitecustomize run. It must run in any Python, and whatever goes wrong here may not stop the app.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def say(text):
    """Once for a process and all that it starts."""
    if os.environ.get("COPPICE_INSTRUMENTATION_SAID") == text:
        return
    os.environ["COPPICE_INSTRUMENTATION_SAID"] = text
    sys.stderr.write("coppice: " + text + "\n")


def is_wanted(env):
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    return bool(env.get("OTEL_EXPORTER_OTLP_ENDPOINT") or env.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))


def start():
    if not is_wanted(os.environ):
        return
    if sys.version_info < (3, 10):
        say("this Python is %d.%d: without 3.10 or newer nothing here is traced" % sys.version_info[:2])
        return
    from coppice_instrument import watch

    watch.start(HERE, say)


def hand_on():
    """Imports the sitecustomize that would have been found without this one."""
    ours = sys.modules.pop("sitecustomize")
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != HERE]
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
    finally:
        # The import that runs this file expects to find what it imported.
        sys.modules.setdefault("sitecustomize", ours)


try:
    start()
except Exception as error:
    say("nothing here is traced: %s: %s" % (type(error).__name__, error))
hand_on()
