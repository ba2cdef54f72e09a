import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import type { StackName } from './backend-files.ts';
import type { EngineEvent } from './events.ts';
import { initialState, reduce } from './reduce.ts';

/** Why the last `up` failed. */
export interface LastFailure {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What the engine said of each resource that failed, without hints. */
  readonly messages: readonly string[];
}

/**
 * From the log of the last `up` of a stack; undefined when it said nothing, or its log was removed with those of the
 * oldest runs.
 */
export async function lastFailure(
  stack: StackName,
  places: Paths = paths(),
): Promise<LastFailure | undefined> {
  const runs = (await namesIn(places.logs)).filter((name) => isUpOf(name, stack)).sort();
  const last = runs.at(-1);
  if (last === undefined) return undefined;
  const text = await readFile(join(places.logs, last), 'utf8').catch(() => '');
  const events = text.split('\n').flatMap((line) => eventIn(line, stack) ?? []);
  const { diagnostics } = events.reduce((state, event) => reduce(state, event, 0), initialState);
  const messages = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  const at = (events.at(-1)?.timestamp ?? 0) * 1000;
  return messages.length === 0 ? undefined : { at, messages: messages.map(withoutHints) };
}

/** Names of runs are `engine-TIME-VERB-PROJECT-STACK-PID.events.jsonl`, see raw-log.ts. */
function isUpOf(name: string, { project, stack }: StackName): boolean {
  return new RegExp(`^engine-[\\dT-]+Z-up-${project}-${stack}-\\d+\\.events\\.jsonl$`).test(name);
}

/** Only errors are looked at: a run has megabytes of others. `a-b` and `c` write the same name as `a` and `b-c`. */
function eventIn(line: string, { project, stack }: StackName): EngineEvent | undefined {
  if (!line.includes('"severity":"error"')) return undefined;
  try {
    const event = JSON.parse(line) as EngineEvent;
    const urn = event.diagnosticEvent?.urn;
    return urn === undefined || urn.startsWith(`urn:pulumi:${stack}::${project}::`) ? event : undefined;
  } catch {
    return undefined;
  }
}

/** Our provider writes a hint on a line of its own that begins with an arrow. */
function withoutHints(message: string): string {
  return message
    .split('\n')
    .filter((line) => !line.startsWith('→ '))
    .join('\n');
}
