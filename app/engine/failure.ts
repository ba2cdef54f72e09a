import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import { knownFailure } from '../known-failures.ts';
import type { StackName } from './backend-files.ts';
import type { EngineOutcome, EngineVerb } from './run.ts';

const codes = { up: 'COPPICE_UP_FAILED', destroy: 'COPPICE_DOWN_FAILED' } as const;

/** The error of a failed operation: what the program threw, or else every error of the engine by resource. */
export function engineFailure(verb: EngineVerb, stack: StackName, outcome: EngineOutcome): CoppiceError {
  if (outcome.interrupted) return interruptionError(verb, stack);
  if (outcome.programFailure instanceof CoppiceError) return outcome.programFailure;
  const errors = outcome.state.diagnostics.filter(({ severity }) => severity === 'error');
  const parsed = errors.map(({ resource, message }) => ({ resource, ...hintIn(message) }));
  const reported = parsed.map(({ resource, text }) => (resource ? `${resource}: ${text}` : text));
  const what = reported.length > 0 ? reported.join('\n\n') : lastLines(outcome.output);
  const hints = [...new Set(parsed.flatMap(({ hint }) => hint ?? []))];
  const general = `wt status; all output of the engine is in ${outcome.log.events}`;
  return new CoppiceError(codes[verb], what, {
    hint: hints.length > 0 ? hints.join('\n') : (knownFailure(what) ?? general),
    cause: outcome.programFailure,
  });
}

/** Our provider writes an error's hint on a line of its own that begins with an arrow (`provider/provider.ts`). */
function hintIn(message: string): { readonly text: string; readonly hint?: string } {
  const lines = message.split('\n');
  const hint = lines.find((line) => line.startsWith('→ '))?.slice(2);
  return {
    text: lines.filter((line) => !line.startsWith('→ ')).join('\n'),
    ...defined({ hint }),
  };
}

function interruptionError(verb: EngineVerb, { project, stack }: StackName): CoppiceError {
  const done = verb === 'up' ? 'started' : 'removed';
  return new CoppiceError('COPPICE_INTERRUPTED', `interrupted: ${project}/${stack} is only partly ${done}`, {
    hint: verb === 'up' ? 'wt up continues from here, wt down removes it' : 'wt down continues from here',
  });
}

/** The process's output without tables, when it failed before the first event. */
function lastLines(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const from = lines.findIndex((line) => line.startsWith('error:'));
  const words = (from >= 0 ? lines.slice(from) : lines.slice(-5)).join('\n').replace(/^error: /, '');
  return words === '' ? 'the engine ended and printed nothing' : words;
}
