"""Which program a Python process runs."""

import os
import re

# They inherit PYTHONPATH with the app that they install, start or check; tracing would only slow them.
TOOLS = frozenset(
    "pip pipx pipenv poetry pdm hatch uv virtualenv venv ensurepip conda setup build twine "
    "pytest unittest tox nox coverage mypy pyright ruff black isort flake8 pylint pre_commit "
    "honcho supervisord watchmedo watchfiles hupper jurigged ipython jupyter".split()
)

OPTIONS_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")


def program_of(words):
    """
    The name of a program, and the words behind it, from the command line of a Python: `gunicorn` for
    `python /app/.venv/bin/gunicorn -w 2` and for `python -m gunicorn`. None is code from `-c` or standard input.
    """
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if word == "-m" and rest:
            return rest[0].split(".")[0].replace("-", "_"), rest[1:]
        if word.startswith("-m"):
            return word[2:].split(".")[0].replace("-", "_"), rest
        if word == "-" or word.startswith("-c"):
            return None, []
        if word in OPTIONS_WITH_VALUE and rest:
            rest.pop(0)
        elif not word.startswith("-"):
            return name_of(word), rest
    return None, []


def name_of(path):
    """`pip` for `/usr/bin/pip3.11`, `manage` for `manage.py`, `app` for the folder `app` and for `app/__main__.py`."""
    folder, file = os.path.split(path.rstrip("/"))
    if file == "__main__.py":
        return name_of(folder or ".")
    name = re.sub(r"\.(py|pyz|exe)$", "", file)
    return re.sub(r"^(pip|python|pytest)[\d.]+$", r"\1", name).replace("-", "_")


def is_tool(words):
    return program_of(words)[0] in TOOLS


def is_watcher(words, env):
    """The process that waits for changes under Flask's and Django's own reloader; the one that it starts is the app."""
    name, rest = program_of(words)
    if name == "flask" and "run" in rest:
        if env.get("WERKZEUG_RUN_MAIN") == "true" or "--no-reload" in rest:
            return False
        is_debug = env.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no")
        return is_debug or "--debug" in rest or "--reload" in rest
    if name in ("manage", "django", "django_admin") and "runserver" in rest:
        return env.get("RUN_MAIN") != "true" and "--noreload" not in rest
    return False
