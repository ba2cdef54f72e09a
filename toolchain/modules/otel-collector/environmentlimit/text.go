package environmentlimit

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func recordsOf(resource plog.ResourceLogs) int {
	count := 0
	for _, scope := range resource.ScopeLogs().All() {
		count += scope.LogRecords().Len()
	}
	return count
}

func spansOf(resource ptrace.ResourceSpans) int {
	count := 0
	for _, scope := range resource.ScopeSpans().All() {
		count += scope.Spans().Len()
	}
	return count
}

// What differs between records. Attributes of the resource are a stream's in the log store, and there once.
func textOfLogs(resource plog.ResourceLogs) []byte {
	var text []byte
	for _, scope := range resource.ScopeLogs().All() {
		for _, record := range scope.LogRecords().All() {
			text = append(text, record.Body().AsString()...)
			text = withAttributes(text, record.Attributes())
			text = withIds(text, record.TraceID(), record.SpanID())
		}
	}
	return text
}

// The trace store has the resource in each span.
func textOfSpans(resource ptrace.ResourceSpans) []byte {
	whole := withAttributes(nil, resource.Resource().Attributes())
	var text []byte
	for _, scope := range resource.ScopeSpans().All() {
		for _, span := range scope.Spans().All() {
			text = append(text, whole...)
			text = append(text, span.Name()...)
			text = withAttributes(text, span.Attributes())
			text = withIds(text, span.TraceID(), span.SpanID())
			for _, event := range span.Events().All() {
				text = append(text, event.Name()...)
				text = withAttributes(text, event.Attributes())
			}
		}
	}
	return text
}

func withAttributes(text []byte, attributes pcommon.Map) []byte {
	for key, value := range attributes.All() {
		text = append(text, key...)
		text = append(text, value.AsString()...)
	}
	return text
}

func withIds(text []byte, trace pcommon.TraceID, span pcommon.SpanID) []byte {
	text = append(text, trace[:]...)
	return append(text, span[:]...)
}
