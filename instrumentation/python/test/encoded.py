"""Prints whether spans are written as OpenTelemetry's own exporter writes them. Arguments: folders to import from."""

import sys

sys.path[:0] = sys.argv[1:]

from coppice_instrument.sending import request
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

ended = []


class Kept(SpanExporter):
    def export(self, spans):
        ended.extend(spans)
        return SpanExportResult.SUCCESS


provider = TracerProvider(resource=Resource({"service.name": "wéb", "number": -7}))
provider.add_span_processor(SimpleSpanProcessor(Kept()))
one, other = provider.get_tracer("one", "1.0"), provider.get_tracer("other")
values = {
    "text": "ü" * 200,
    "empty": "",
    "yes": True,
    "no": False,
    "zero": 0,
    "large": 2**62,
    "negative": -1,
    "real": 0.1,
    "texts": ["a", "b"],
    "numbers": [1, -2],
    "none": [],
}
remote = trace.SpanContext(2**127 + 5, 9, True, trace.TraceFlags(1), trace.TraceState([("a", "b")]))
parent = trace.set_span_in_context(trace.NonRecordingSpan(remote))
with one.start_as_current_span("outer", parent, SpanKind.SERVER, values, [Link(remote, {"why": "linked"})]) as span:
    span.add_event("seen", {"count": 3})
    span.set_status(Status(StatusCode.ERROR, "broken"))
    for kind in SpanKind:
        other.start_span("inner", kind=kind).end()

theirs = encode_spans(ended)
ours = ExportTraceServiceRequest.FromString(request(ended))
print("same" if ours.resource_spans == theirs.resource_spans else f"OURS {ours}\nTHEIRS {theirs}")
