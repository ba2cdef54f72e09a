/**
 * How lines of a pod's output are read: by the Collector on their way to the log store, and by `wt logs` where there is no
 * store. Patterns are written for RE2 and JavaScript alike.
 */

/** A line that belongs to the one before it: an indented one, one that closes a bracket, or one of Java's causes. */
export const continuation = '^([ \\t}\\])]|Caused by: |$)';

/** Names that loggers which write JSON give to the same thing; the first one present counts. */
export const loggerKeys = {
  level: ['level', 'severity', 'levelname', 'lvl', 'log.level', 'severity_text'],
  message: ['msg', 'message'],
  trace: ['trace_id', 'traceId', 'trace.id', 'traceid'],
  span: ['span_id', 'spanId', 'span.id', 'spanid'],
} as const;
