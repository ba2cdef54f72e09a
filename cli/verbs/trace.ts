import type { ShownTrace } from '../../app/telemetry/trace.ts';
import { flag, type Result, type VerbPorts, verb } from '../define.ts';
import { targetOf, targetOptions } from './target.ts';

const TREE_TOKENS = 480;

export const trace = verb({
  usage: 'trace <id>',
  summary: 'one trace: what called what, what it waited for, and why it failed',
  about:
    'Prints the spans of a trace as a tree. `*` marks the critical path: what the end of the trace waited for. A span that failed has its exception, SQL and HTTP status. Of a large trace what failed, the critical path and the longest spans are shown. Changes nothing.',
  examples: [
    ['wt trace 4bf92f35', 'by the beginning of its id, as wt traces and wt logs print it'],
    ['wt trace 4bf92f35 --full', 'every span; what is long goes to a file'],
  ],
  options: { full: flag('every span'), ...targetOptions },
  run: async ([id], { full, ...named }, ports) => {
    const target = targetOf(named);
    const [{ traceOf }, { verbLine }] = await Promise.all([
      import('../../app/telemetry/trace.ts'),
      import('../../app/target/verb-line.ts'),
    ]);
    const shown = await traceOf(id, target, ports);
    const whole = verbLine('trace', target, shown.trace.id.slice(0, 8), '--full');
    return report(shown, { full, whole }, ports);
  },
});

interface Reported {
  readonly full: boolean;
  /** Command that shows every span. */
  readonly whole: string;
}

async function report(shown: ShownTrace, { full, whole }: Reported, ports: VerbPorts): Promise<Result> {
  const [show, { bounded, boundedDocument, MOST_TOKENS }, { spill }, { parseFullName }] = await Promise.all([
    import('../ui/telemetry/trace.ts'),
    import('../ui/telemetry/bounded.ts'),
    import('../../app/telemetry/spill.ts'),
    import('../../app/target/full-name.ts'),
  ]);
  const write = (text: string) => spill(parseFullName(shown.environment), 'trace', text);
  if (ports.json) {
    return { json: await boundedDocument(show.traceDocument(shown), 'spans', write), text: '' };
  }
  const view = { tokens: full ? MOST_TOKENS - 250 : TREE_TOKENS, now: Date.now(), whole };
  const shorter = () => show.traceText(shown, view);
  const text = full ? await bounded(show.wholeTraceText(shown, view), shorter, write) : shorter();
  return { json: undefined, text };
}
