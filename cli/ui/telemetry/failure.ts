import { cutTo, onOneLine } from '../../../core/text/width.ts';
import type { Span } from '../../../servers/telemetry/traces.ts';

const STACK_LINES = 3;
const LINE_WIDTH = 160;

/**
 * What a failed span says about why, a line each. `origin`: nothing below it failed, so this is where it began, and the
 * stack belongs to it. Attributes in today's names and in those before:
 * https://opentelemetry.io/docs/specs/semconv/
 */
export function failureOf({ attributes, events }: Span, origin: boolean): string[] {
  const exception = events.find(({ name }) => name === 'exception')?.attributes ?? {};
  const first = (...names: readonly string[]) =>
    names
      .map((name) => attributes[name] ?? exception[name])
      .find((value) => value !== undefined && value !== '');
  const type = first('exception.type', 'error.type');
  const message = first('exception.message', 'otel.status_description', 'error.message');
  const status = first('http.response.status_code', 'http.status_code');
  const sql = first('db.query.text', 'db.statement');
  const workflow = first('temporalWorkflowId', 'temporal.workflow.id');
  const said = [type === status ? undefined : type, message].filter((part) => part !== undefined).join(': ');
  return [
    ...(said === '' ? [] : [said]),
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(sql === undefined ? [] : [`SQL ${sql}`]),
    ...(workflow === undefined || !origin ? [] : [`workflow ${workflow}`]),
    ...(origin ? stackOf(first('exception.stacktrace'), message) : []),
  ].map((line) => cutTo(onOneLine(line.replace(/\s+/g, ' ').trim()), LINE_WIDTH));
}

/** The first lines with a place in them: the message stands above already. */
function stackOf(stack: string | undefined, message: string | undefined): string[] {
  const lines = (stack ?? '').split('\n').map((line) => line.trim());
  const places = lines.filter((line) => line !== '' && (message === undefined || !message.includes(line)));
  const frames = places.filter((line) => /^at |^File "|:\d+/.test(line));
  return (frames.length > 0 ? frames : places).slice(0, STACK_LINES);
}
