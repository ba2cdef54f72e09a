import type { Ports, Result } from '../app/ports.ts';
import type { Target } from '../app/target/target.ts';

export type { Target };

/** Values of a verb's options as commander gives them. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** A verb of `wt`, as data: `program.ts` turns it into parsing and help. */
export interface Verb {
  /** Name and arguments as commander writes them: `up [environment]`. */
  readonly usage: string;
  readonly summary: string;
  /** What it changes, and what Ctrl+C leaves. */
  readonly about: string;
  readonly examples?: readonly (readonly [command: string, meaning: string])[];
  /** Flags as commander writes them, with what they do. */
  readonly options?: readonly (readonly [flags: string, meaning: string])[];
  /** Loads the command only now, so that `--help` and the quick answer stay quick. */
  readonly run: (args: readonly (string | undefined)[], options: Options, ports: Ports) => Promise<Result>;
}

export interface VerbGroup {
  readonly name: string;
  readonly summary: string;
  readonly about: string;
  /** Name of the verb that is meant when none is named; without it one has to be. */
  readonly usual?: string;
  readonly verbs: readonly Verb[];
}

/** The text of an option, or undefined. */
export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function flag(options: Options, name: string): boolean {
  return options[name] === true;
}

export function target(environment: string | undefined, options: Options): Target {
  const as = text(options, 'as');
  return { ...(environment === undefined ? {} : { environment }), ...(as === undefined ? {} : { as }) };
}
