import type { Options, Verb } from './define.ts';
import { here } from './verbs/here.ts';

/** Options that every verb takes. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly timings: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'verb';
      readonly name: string;
      readonly verb: Verb;
      readonly args: readonly (string | undefined)[];
      readonly options: Options;
      readonly global: GlobalOptions;
    };

/** A command line without a verb says where one is; without parsing, as it is typed to be quick. Undefined for all others. */
export function bareRequest(argv: readonly string[]): Request | undefined {
  const has = (...flags: readonly string[]) => argv.some((word) => flags.includes(word));
  const names = ['--json', '--timings', '-v', '--verbose', '-q', '--quiet'];
  if (!argv.every((word) => names.includes(word))) return undefined;
  const global = {
    json: has('--json'),
    timings: has('--timings'),
    verbose: has('-v', '--verbose'),
    quiet: has('-q', '--quiet'),
  };
  return { kind: 'verb', name: '', verb: here, args: [], options: {}, global };
}
