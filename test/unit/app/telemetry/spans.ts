import type { Span, Trace } from '../../../../servers/telemetry/trace.ts';

/** A span with what a test is about; `start` and `duration` in milliseconds. */
export function span(id: string, given: Partial<Span> & { start?: number; duration?: number } = {}): Span {
  const { start = 0, duration = 10, ...rest } = given;
  return {
    id,
    service: 'api',
    name: id,
    failed: false,
    attributes: {},
    events: [],
    ...rest,
    start: start * 1000,
    duration: duration * 1000,
  };
}

export const traceOf = (...spans: Trace['spans']): Trace => ({
  id: '4bf92f3577b34da6a3ce929d0e0e4736',
  namespace: 'wt-shop--feat-b',
  environment: 'shop/feat-b',
  spans,
  foreign: 0,
});
