"""
Sends spans by OTLP over HTTP, in protobuf. OpenTelemetry's own exporter needs `requests` and Google's `protobuf`, each in
one of the versions that it knows, and an app may have another one.
"""

import http.client
import os
import random
import struct
import threading
import time
from collections import defaultdict
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

# https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
RETRIED = (429, 502, 503, 504)


class Exporter(SpanExporter):
    """Reads the environment variables of the standard. Throws ValueError for an address that is none."""

    def __init__(self, env):
        general = env.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").rstrip("/") + "/v1/traces"
        url = urlsplit(env.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or general)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError("%s is no address of HTTP" % url.geturl())
        self.is_secure = url.scheme == "https"
        self.host, self.port = url.hostname, url.port
        self.path = (url.path or "/") + ("?" + url.query if url.query else "")
        # Milliseconds by the standard; OpenTelemetry for Python alone reads seconds, so a small number is one of those.
        timeout = float(env.get("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT") or env.get("OTEL_EXPORTER_OTLP_TIMEOUT") or 10_000)
        self.timeout = timeout if timeout < 100 else timeout / 1000
        self.headers = {"Content-Type": "application/x-protobuf", "User-Agent": "coppice-instrument-python"}
        written = env.get("OTEL_EXPORTER_OTLP_TRACES_HEADERS") or env.get("OTEL_EXPORTER_OTLP_HEADERS") or ""
        for pair in written.split(","):
            key, equals, value = pair.partition("=")
            if equals:
                self.headers[unquote(key.strip())] = unquote(value.strip())
        self.connection = None
        self.process = None
        self.hurried = threading.Event()

    def hurry(self):
        self.hurried.set()

    def export(self, spans):
        body = request(spans)
        deadline = time.monotonic() + self.timeout
        pause = 0.5
        while True:
            status = self.post(body)
            if status is not None and status not in RETRIED:
                return SpanExportResult.SUCCESS if 200 <= status < 300 else SpanExportResult.FAILURE
            pause *= random.uniform(1.5, 2)
            if time.monotonic() + pause > deadline or self.hurried.wait(pause):
                return SpanExportResult.FAILURE

    def post(self, body):
        """The status of the answer; None where there is none."""
        try:
            connection = self.connected()
            connection.request("POST", self.path, body, self.headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            self.close()
            return None

    def connected(self):
        # A forked process may not use the connection of the one before it.
        if self.connection is None or self.process != os.getpid():
            kind = http.client.HTTPSConnection if self.is_secure else http.client.HTTPConnection
            self.connection = kind(self.host, self.port, timeout=self.timeout)
            self.process = os.getpid()
        return self.connection

    def close(self):
        if self.connection is not None and self.process == os.getpid():
            self.connection.close()
        self.connection = None

    def shutdown(self):
        self.hurry()

    def force_flush(self, timeout_millis=30000):
        return True


# Numbers of fields: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.9.0/opentelemetry/proto/trace/v1/trace.proto
# How they are written: https://protobuf.dev/programming-guides/encoding/
def request(spans):
    """ExportTraceServiceRequest of spans that have one resource."""
    scopes = defaultdict(list)
    for span in spans:
        scopes[span.instrumentation_scope].append(message(2, span_of(span)))
    resource = message(1, attributes(1, spans[0].resource.attributes))
    written = b"".join(
        message(2, message(1, text(1, scope.name) + text(2, scope.version or "")) + b"".join(inside))
        for scope, inside in scopes.items()
    )
    return message(1, resource + written)


def span_of(span):
    context, parent, status = span.context, span.parent, span.status
    return b"".join(
        (
            message(1, context.trace_id.to_bytes(16, "big")),
            message(2, context.span_id.to_bytes(8, "big")),
            text(3, context.trace_state.to_header() if context.trace_state else ""),
            message(4, parent.span_id.to_bytes(8, "big")) if parent is not None else b"",
            text(5, span.name),
            number(6, span.kind.value + 1),
            fixed(7, span.start_time),
            fixed(8, span.end_time or span.start_time),
            attributes(9, span.attributes or {}),
            number(10, span.dropped_attributes),
            *(message(11, event_of(event)) for event in span.events),
            number(12, span.dropped_events),
            *(message(13, link_of(link)) for link in span.links),
            number(14, span.dropped_links),
            message(15, text(2, status.description or "") + number(3, status.status_code.value)),
            flags(16, parent),
        )
    )


def event_of(event):
    return fixed(1, event.timestamp) + text(2, event.name) + attributes(3, event.attributes or {})


def link_of(link):
    context = link.context
    ids = message(1, context.trace_id.to_bytes(16, "big")) + message(2, context.span_id.to_bytes(8, "big"))
    return ids + attributes(4, link.attributes or {}) + flags(6, context)


def flags(field, context):
    """SpanFlags: whether what it names is in another process."""
    is_remote = context is not None and context.is_remote
    return varint(field << 3 | 5) + struct.pack("<I", 0x300 if is_remote else 0x100)


def attributes(field, pairs):
    return b"".join(message(field, key_of(key) + message(2, value_of(value))) for key, value in pairs.items())


@lru_cache(maxsize=1024)
def key_of(key):
    return text(1, key)


def value_of(value):
    # `bool` first, as it is an `int`.
    if isinstance(value, bool):
        return varint(2 << 3) + varint(int(value))
    if isinstance(value, str):
        return message(1, value.encode(errors="replace"))
    if isinstance(value, int):
        return varint(3 << 3) + varint(value & 0xFFFFFFFFFFFFFFFF)
    if isinstance(value, float):
        return varint(4 << 3 | 1) + struct.pack("<d", value)
    if isinstance(value, bytes):
        return message(7, value)
    if isinstance(value, (list, tuple)):
        return message(5, b"".join(message(1, value_of(item)) for item in value))
    return message(1, str(value).encode(errors="replace"))


def message(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def text(field, content):
    return message(field, content.encode(errors="replace")) if content else b""


def number(field, value):
    return varint(field << 3) + varint(value) if value else b""


def fixed(field, value):
    return varint(field << 3 | 1) + struct.pack("<Q", value)


def varint(value):
    if value < 0x80:
        return bytes((value,))
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
