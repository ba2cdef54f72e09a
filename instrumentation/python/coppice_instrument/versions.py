"""
Whether what an app has installed is what an instrumentation is for. OpenTelemetry's own check loads most of `packaging`,
which takes as long as the SDK.
"""

import importlib.metadata
import re
import sys
import types

OPERATORS = {
    ">=": lambda found, wanted: found >= wanted,
    ">": lambda found, wanted: found > wanted,
    "<=": lambda found, wanted: found[: len(wanted)] <= wanted,
    "<": lambda found, wanted: found < wanted,
    "==": lambda found, wanted: found[: len(wanted)] == wanted,
    "!=": lambda found, wanted: found[: len(wanted)] != wanted,
    "~=": lambda found, wanted: found >= wanted and found[: len(wanted) - 1] == wanted[:-1],
}


def unfit(requirements):
    """What is wrong, in words, with the first package that does not fit, as in `sqlalchemy >= 1.0.0, < 2.1.0`; else None."""
    for requirement in requirements:
        try:
            found = importlib.metadata.version(re.match(r"[\w.-]+", requirement).group())
        except importlib.metadata.PackageNotFoundError:
            return "it is not known which version is installed; %s is needed" % requirement
        if not is_met(requirement, found):
            return "version %s is installed; %s is needed" % (found, requirement)
    return None


def is_met(requirement, version):
    clauses = re.findall(r"(~=|[=!<>]=|[<>])\s*([\d.]+)", requirement)
    return all(OPERATORS[operator](numbers(version), numbers(wanted)) for operator, wanted in clauses)


def numbers(version):
    """The numbers at the beginning of a version, without what says that it is a pre-release: (2, 1, 0) of `2.1.0b1`."""
    return tuple(int(part) for part in re.match(r"[\d.]*", version).group().split(".") if part)


def replace_check():
    """To be called before anything imports OpenTelemetry's own."""
    module = types.ModuleType("opentelemetry.instrumentation.dependencies")
    module.DependencyConflict = type("DependencyConflict", (), {})
    module.DependencyConflictError = type("DependencyConflictError", (Exception,), {})
    module.get_dependency_conflicts = lambda *_requirements: None
    sys.modules[module.__name__] = module
