"""Starts OpenTelemetry's SDK."""

import logging
import os
import sys
import threading


def start(choice, say):
    """Whether spans will be sent. Throws nothing, and says why they will not be."""
    why_not = choice.why_not()
    if why_not is not None:
        say("nothing here is traced: " + why_not)
        return False
    before = set(sys.modules)
    choice.provide()
    try:
        provide()
    except Exception as error:
        choice.withdraw()
        for name in set(sys.modules) - before:
            if name.split(".")[0] == "opentelemetry":
                del sys.modules[name]
        say("nothing here is traced: %s: %s" % (type(error).__name__, error))
        return False
    return True


def provide():
    # The stable names of attributes, as the other languages have them.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
    logger = logging.getLogger("opentelemetry")
    if logger.level == logging.NOTSET and "OTEL_LOG_LEVEL" not in os.environ:
        # A Collector that is away is no business of the app's log.
        logger.setLevel(logging.CRITICAL + 1)

    from opentelemetry import trace
    from opentelemetry.sdk.resources import OTELResourceDetector
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from . import ending, log_lines, sending, spans

    # Milliseconds of the batch are read from OTEL_BSP_*.
    exporter = sending.Exporter(os.environ)
    processor = BatchSpanProcessor(exporter)
    provider = TracerProvider(
        sampler=spans.WithoutProbes(),
        id_generator=spans.Ids(),
        resource=spans.with_sdk(OTELResourceDetector().detect()),
        shutdown_on_exit=False,
    )
    if is_sent(os.environ.get("OTEL_TRACES_EXPORTER")):
        provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    log_lines.write_trace_ids()
    ending.flush_at_end(exporter.hurry, provider.force_flush, threading.main_thread() is threading.current_thread())


def is_sent(exporters):
    """Whether the environment variable of the standard wants spans sent by OTLP."""
    return any(name.strip() == "otlp" for name in (exporters or "otlp").split(","))
