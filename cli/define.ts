import type { Ports, TerminalStreams } from '../app/ports.ts';
import { defined } from '../core/defined.ts';
import type { ExitCode } from '../core/errors.ts';

/** What a verb returns; only `main` prints it and ends the process. */
export interface Result {
  /** The one document that `--json` prints. */
  readonly json: unknown;
  /** For people, without the last line break; empty prints nothing. */
  readonly text: string;
  /** Defaults to 0; one of {@link ExitCode}, or that of a program which had the terminal. */
  readonly exitCode?: number;
  /** Absolute path of the folder to which the shell changes afterwards, where `wt` was installed in it. */
  readonly folder?: string;
}

/** What a verb may use: everything that `app/` may, and the terminal. */
export interface VerbPorts extends Ports {
  /** Standard output, for a verb that prints while it runs (`wt logs`); `main` prints the result. */
  readonly out: (text: string) => void;
  /** For a verb that gives the whole terminal to another program. */
  readonly streams: TerminalStreams;
  /** The shell follows to `folder` of the result: it has the function `wt`. */
  readonly leadsShell: boolean;
  readonly terminal: { readonly input: boolean; readonly output: boolean; readonly color: boolean };
  readonly json: boolean;
  readonly verbose: boolean;
  /** `main` prints how long each phase took; a verb need not. */
  readonly timings: boolean;
}

/** Values of a verb's options, as commander passes them. */
export type Options = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** A verb of `wt`, as data: `program.ts` turns it into parsing and help. */
export interface Verb {
  /** Name and arguments as commander writes them: `up [environment]`. */
  readonly usage: string;
  readonly summary: string;
  /** What it changes, and what Ctrl+C leaves. */
  readonly about: string;
  readonly examples?: readonly (readonly [command: string, meaning: string])[];
  /** Flags as commander writes them, with what they do, and whether each time that they are given counts. */
  readonly options?: readonly (readonly [flags: string, meaning: string, repeats: boolean])[];
  /** Loads the verb's code only now, so that `--help` and the quick answer stay quick. */
  readonly run: (
    args: readonly (string | undefined)[],
    options: Options,
    ports: VerbPorts,
  ) => Promise<Result>;
}

export interface VerbGroup {
  readonly name: string;
  readonly summary: string;
  readonly about: string;
  /** The verb that runs when none is named; without it, one has to be named. */
  readonly usual?: string;
  readonly verbs: readonly Verb[];
}

/** An option without a value: `--yes`. */
export interface Flag {
  readonly kind: 'flag';
  readonly meaning: string;
  /** A single letter: `f` for `-f`. */
  readonly short?: string;
}

/** An option with a value: `--tail <lines>`. */
export interface Value {
  readonly kind: 'value';
  /** Placeholder for the value in the help: `lines`. */
  readonly value: string;
  readonly meaning: string;
  /** A single letter: `c` for `-c`. */
  readonly short?: string;
}

/** One that counts each time that it is given: `-c <sql> -c <sql>`. */
export interface Values extends Omit<Value, 'kind'> {
  readonly kind: 'values';
}

/** One whose value may be left out: `--go [agent]`. */
export interface OptionalValue extends Omit<Value, 'kind'> {
  readonly kind: 'optional';
}

export type Option = Flag | Value | Values | OptionalValue;
/** By name in camel case: `dropDatabase` is `--drop-database`. */
export type OptionTable = Readonly<Record<string, Option>>;

/**
 * What `run` receives: a flag is always true or false, values are in order, a value is absent unless it was given, and one
 * that may be left out is true then.
 */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag
    ? boolean
    : Table[Name] extends Values
      ? readonly string[]
      : Table[Name] extends OptionalValue
        ? string | true | undefined
        : string | undefined;
};

/** `up [environment]` becomes `[string | undefined]`, `show <id>` `[string]`, `install [program...]` `string[]`. */
export type Arguments<Usage extends string> = Usage extends `${string} ${infer Words}`
  ? ArgumentsOf<Words>
  : readonly [];
type ArgumentsOf<Words extends string> = Words extends `${infer First} ${infer Rest}`
  ? readonly [ArgumentOf<First>, ...ArgumentsOf<Rest>]
  : Words extends `[${string}...]`
    ? readonly string[]
    : readonly [ArgumentOf<Words>];
type ArgumentOf<Word extends string> = Word extends `<${string}>` ? string : string | undefined;

interface Definition<Usage extends string, Table extends OptionTable> {
  /** Name and arguments as commander writes them: `up [environment]`. */
  readonly usage: Usage;
  readonly summary: string;
  /** What it changes, and what Ctrl+C leaves. */
  readonly about: string;
  readonly examples?: readonly (readonly [command: string, meaning: string])[];
  readonly options?: Table;
  /** Imports its code only now, so that `--help` and the quick answer stay quick. */
  readonly run: (args: Arguments<Usage>, options: OptionValues<Table>, ports: VerbPorts) => Promise<Result>;
}

/** Ties the types of `run` to usage and options: a mistyped option does not compile. */
export function verb<const Usage extends string, const Table extends OptionTable = Record<never, never>>(
  definition: Definition<Usage, Table>,
): Verb {
  const { options, run, ...rest } = definition;
  const table = Object.entries<Option>(options ?? {});
  return {
    ...rest,
    options: table.map(([name, option]) => [flagsOf(name, option), option.meaning, option.kind === 'values']),
    run: (args, given, ports) => {
      const values = table.map(([name, { kind }]) => [name, givenOf(kind, name, given)]);
      return run(
        args as readonly unknown[] as Arguments<Usage>,
        Object.fromEntries(values) as OptionValues<Table>,
        ports,
      );
    },
  };
}

function givenOf(kind: Option['kind'], name: string, given: Options): Options[string] {
  if (kind === 'flag') return isGiven(name, given);
  return kind === 'values' ? (given[name] ?? []) : given[name];
}

/** commander takes `--no-up` for the opposite of an option `up`, which is true without it. */
function isGiven(name: string, given: Options): boolean {
  const opposite = /^no([A-Z].*)$/.exec(name)?.[1];
  if (opposite === undefined) return given[name] === true;
  return given[opposite.charAt(0).toLowerCase() + opposite.slice(1)] === false;
}

/** As commander writes it: `-f, --follow`, `--drop-database`, `--tail <lines>`. */
function flagsOf(name: string, option: Option): string {
  const long = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const names = option.short === undefined ? long : `-${option.short}, ${long}`;
  if (option.kind === 'flag') return names;
  return option.kind === 'optional' ? `${names} [${option.value}]` : `${names} <${option.value}>`;
}

export const flag = <const Short extends string | undefined = undefined>(
  meaning: string,
  short?: Short,
): Flag => ({
  kind: 'flag',
  meaning,
  ...defined({ short }),
});

export const value = (value: string, meaning: string, short?: string): Value => ({
  kind: 'value',
  value,
  meaning,
  ...defined({ short }),
});

export const optionalValue = (placeholder: string, meaning: string): OptionalValue => ({
  ...value(placeholder, meaning),
  kind: 'optional',
});

export const values = (placeholder: string, meaning: string, short?: string): Values => ({
  ...value(placeholder, meaning, short),
  kind: 'values',
});
