import type { Verb, VerbGroup } from '../define.ts';

/** An option as Tab needs it. */
export interface OptionWords {
  /** `--env` */
  readonly long: string;
  /** `-f` */
  readonly short?: string;
  /** What stands for its value: `environment`; absent for a flag. */
  readonly placeholder?: string;
  /** Its value may be left out: `--go [agent]`. */
  readonly optional: boolean;
  readonly repeats: boolean;
  readonly meaning: string;
}

export interface ArgumentWord {
  readonly placeholder: string;
  /** It may be given several times: `[service...]`. */
  readonly many: boolean;
}

/** `-f, --follow`, `--tail <lines>`, `--go [agent]` */
export function optionWords([flags, meaning, repeats = false]: readonly [
  flags: string,
  meaning: string,
  repeats?: boolean,
]): OptionWords {
  const short = /^(-\w)\b/.exec(flags)?.[1];
  const value = /[<[]([\w-]+)(?:\.\.\.)?[\]>]/.exec(flags);
  return {
    long: /--[\w-]+/.exec(flags)?.[0] ?? flags,
    ...(short === undefined ? {} : { short }),
    ...(value?.[1] === undefined ? {} : { placeholder: value[1] }),
    optional: value?.[0].startsWith('[') === true,
    repeats,
    meaning,
  };
}

export function optionsOf({ options = [] }: Verb): OptionWords[] {
  return options.map(optionWords);
}

/** `restart [service...]` has one, `status [environment]` one, `env` none. */
export function argumentsOf({ usage }: Verb): ArgumentWord[] {
  return usage
    .split(' ')
    .slice(1)
    .map((word) => ({ placeholder: word.replace(/[^\w-]/g, ''), many: word.includes('...') }));
}

export function nameOf({ usage }: Verb): string {
  return usage.split(' ')[0] ?? '';
}

/** `db restore`; a verb of no group has its own name. */
export function fullNameOf(verb: Verb, group?: VerbGroup): string {
  return group === undefined ? nameOf(verb) : `${group.name} ${nameOf(verb)}`;
}
