"""
Writes packages.zip: what a pod's Python imports, from wheels. One file, as a ConfigMap has no folders, and below its 1 MiB.

    python3 build.py WHEELS OUT
"""

import ast
import io
import sys
import zipfile
from pathlib import Path

# Its plugins are found by what is said to be installed; of the others nobody asks for that.
WITH_METADATA = ("opentelemetry_api-", "opentelemetry_sdk-")
LICENSES = ("license", "licence", "notice", "copying")


def contents(wheels):
    """Path in the archive and bytes, of every file of every wheel that is needed."""
    found = {}
    for wheel in sorted(Path(wheels).glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                path = path_of(name)
                if path is not None:
                    found[path] = archive.read(name)
    return found


def path_of(name):
    """Where a file of a wheel goes; None for one that nobody needs."""
    folder, _, rest = name.partition("/")
    if not folder.endswith(".dist-info"):
        return name if name.endswith(".py") else None
    has_metadata = folder.startswith(WITH_METADATA)
    if rest in ("METADATA", "entry_points.txt"):
        return name if has_metadata else None
    # Once is enough for all of OpenTelemetry's. Not where they were: a folder of metadata without METADATA stops whoever
    # asks what is installed.
    file = rest.rsplit("/", 1)[-1]
    is_license = file.lower().startswith(LICENSES)
    is_repeated = folder.startswith("opentelemetry") and not folder.startswith(WITH_METADATA[0])
    return "licenses/%s/%s" % (folder.split("-")[0], file) if is_license and not is_repeated else None


def without_unused_conventions(found):
    """The names of attributes are a module for each topic, a third of everything; few are imported."""
    is_convention = lambda name: name.startswith("opentelemetry/semconv/")  # noqa: E731
    kept = {name for name in found if not is_convention(name)}
    waiting = list(kept)
    while waiting:
        name = waiting.pop()
        for wanted in files_of(imports_of(found[name])):
            if wanted in found and wanted not in kept:
                kept.add(wanted)
                waiting.append(wanted)
    return {name: data for name, data in found.items() if name in kept}


def imports_of(source):
    for node in ast.walk(ast.parse(source)) if source else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from ("%s.%s" % (node.module, alias.name) for alias in node.names)


def files_of(modules):
    for module in modules:
        parts = module.split(".")
        yield "/".join(parts) + ".py"
        for length in range(1, len(parts) + 1):
            yield "/".join(parts[:length]) + "/__init__.py"


def archive(found):
    """The same bytes for the same files. With entries for folders: before 3.13 a namespace package needs them."""
    folders = {str(parent) + "/" for name in found for parent in Path(name).parents if str(parent) != "."}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name in sorted(folders | set(found)):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_STORED if name in folders else zipfile.ZIP_DEFLATED
            out.writestr(entry, found.get(name, b""))
    return written.getvalue()


if __name__ == "__main__":
    wheels, out = sys.argv[1:]
    data = contents(wheels)
    python = {name: text for name, text in data.items() if name.endswith(".py")}
    others = {name: text for name, text in data.items() if name not in python}
    Path(out).write_bytes(archive({**without_unused_conventions(python), **others}))
