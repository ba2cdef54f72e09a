"""What is a span, and how it is named."""

import os

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import sampling
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.version import __version__
from opentelemetry.trace import SpanKind


class WithoutProbes(sampling.Sampler):
    """The node asks every second whether a pod is ready. Everything else is up to OTEL_TRACES_SAMPLER."""

    def __init__(self):
        self.inner = sampling._get_from_env_or_default()

    def should_sample(self, parent_context, trace_id, name, kind=None, attributes=None, links=None, trace_state=None):
        if kind == SpanKind.SERVER and is_probe(attributes or {}):
            return sampling.SamplingResult(sampling.Decision.DROP)
        return self.inner.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self):
        return self.inner.get_description()


def is_probe(attributes):
    agent = attributes.get("user_agent.original") or attributes.get("http.user_agent") or ""
    return str(agent).startswith("kube-probe/")


class Ids(IdGenerator):
    """The SDK's own ids come from `random`, which an app may seed: then each start has the ids of the last one."""

    def generate_span_id(self):
        return int.from_bytes(os.urandom(8), "big") or 1

    def generate_trace_id(self):
        return int.from_bytes(os.urandom(16), "big") or 1


def with_sdk(resource):
    language = {"telemetry.sdk.language": "python", "telemetry.sdk.name": "opentelemetry"}
    return Resource({**language, "telemetry.sdk.version": __version__}).merge(resource)
