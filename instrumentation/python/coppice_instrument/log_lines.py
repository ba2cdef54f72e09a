"""The ids of the current span on each log record, where a logger that writes JSON finds them."""

import logging

from opentelemetry import trace


def write_trace_ids():
    inner = logging.Logger.makeRecord

    # Behind the record's making: `logging` refuses an `extra` whose name the record has already.
    def makeRecord(self, *args, **options):
        record = inner(self, *args, **options)
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            record.__dict__.setdefault("trace_id", trace.format_trace_id(context.trace_id))
            record.__dict__.setdefault("span_id", trace.format_span_id(context.span_id))
        return record

    logging.Logger.makeRecord = makeRecord
