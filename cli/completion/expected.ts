import type { Candidate } from '../../app/shell/git-candidates.ts';
import type { Verb, VerbGroup } from '../define.ts';
import { globalOptions, helpOption, versionOption } from '../global-options.ts';
import { verbGroups, verbs } from '../verbs/index.ts';
import { type Kind, kindOf } from './kinds.ts';
import { argumentsOf, fullNameOf, nameOf, type OptionWords, optionsOf, optionWords } from './table.ts';

/** What may stand at the place of the cursor. */
export interface Expected {
  /** What is known without looking: verbs and options. */
  readonly candidates: readonly Candidate[];
  readonly kind: Kind;
  /** What stands before the value in the same word: `--env=`. */
  readonly before: string;
  /** Words that are there already and make no sense twice. */
  readonly taken: readonly string[];
  /** The environment that an earlier `--env` names. */
  readonly environment?: string;
}

/** Options that are taken before a verb and after it. */
const everywhere = [...globalOptions, helpOption].map(([flags, meaning]) => optionWords([flags, meaning]));
const version = optionWords([...versionOption]);

/** What a command line says up to the word at the cursor. */
interface Said {
  readonly group?: VerbGroup;
  readonly verb?: Verb;
  /** The option whose value comes next. */
  readonly awaits?: OptionWords;
  readonly positional: readonly string[];
  /** By long name. */
  readonly given: ReadonlyMap<string, string | undefined>;
  /** After `--` nothing is ours. */
  readonly over: boolean;
}

/** `words`: those before the one at the cursor, without the program's name. `current`: that one, up to the cursor. */
export function expectedAt(words: readonly string[], current: string): Expected {
  const said = words.reduce(hear, { positional: [], given: new Map(), over: false } as Said);
  const environment = said.given.get('--env');
  const place = placeOf(said, current);
  return { ...place, ...(environment === undefined ? {} : { environment }) };
}

function hear(said: Said, word: string): Said {
  const { awaits, ...rest } = said;
  if (said.over) return said;
  if (awaits !== undefined && !(awaits.optional && word.startsWith('-')))
    return { ...rest, given: new Map(said.given).set(awaits.long, word) };
  if (word === '--') return { ...rest, over: true };
  if (word.startsWith('-') && word.length > 1) return hearOption(rest, word);
  if (said.verb !== undefined) return { ...rest, positional: [...said.positional, word] };
  return hearVerb(rest, word);
}

function hearOption(said: Said, word: string): Said {
  const [name = '', value] = word.startsWith('--') ? splitOnce(word) : [word.slice(0, 2)];
  const option = optionsAt(said).find(({ long, short }) => long === name || short === name);
  if (option === undefined) return said;
  const given = new Map(said.given).set(option.long, value);
  const waits = option.placeholder !== undefined && value === undefined && word.length === name.length;
  return { ...said, given, ...(waits ? { awaits: option } : {}) };
}

function hearVerb(said: Said, word: string): Said {
  if (said.group === undefined) {
    if (word === 'help') return said;
    const verb = verbs.find((one) => nameOf(one) === word);
    if (verb !== undefined) return { ...said, verb };
    const group = verbGroups.find(({ name }) => name === word);
    // An unknown verb: nothing can be said of what follows.
    return group === undefined ? { ...said, over: true } : { ...said, group };
  }
  const verb = said.group.verbs.find((one) => nameOf(one) === word);
  if (verb !== undefined) return { ...said, verb };
  const usual = usualOf(said.group);
  return usual === undefined ? { ...said, over: true } : { ...said, verb: usual, positional: [word] };
}

function placeOf(said: Said, current: string): Omit<Expected, 'environment'> {
  const nothing = { candidates: [], kind: 'nothing', before: '', taken: [] } as const;
  if (said.over) return { ...nothing, kind: said.verb === undefined ? 'nothing' : 'files' };
  const { awaits, verb } = said;
  if (awaits?.placeholder !== undefined && !(awaits.optional && current.startsWith('-')))
    return { ...nothing, kind: kindFor(said, awaits.placeholder) };
  if (current.startsWith('--') && current.includes('=')) return valuePlace(said, current);
  if (current.startsWith('-')) return { ...nothing, candidates: openOptions(said).map(optionCandidate) };
  if (verb === undefined) return { ...nothing, candidates: verbCandidates(said.group) };
  const argument = argumentAt(verb, said.positional.length);
  if (argument === undefined) return { ...nothing, candidates: openOptions(said).map(optionCandidate) };
  return { ...nothing, kind: kindFor(said, argument.placeholder), taken: said.positional };
}

/** `--env=fe` */
function valuePlace(said: Said, current: string): Omit<Expected, 'environment'> {
  const [name] = splitOnce(current);
  const option = optionsAt(said).find(({ long }) => long === name);
  const kind = option?.placeholder === undefined ? 'nothing' : kindFor(said, option.placeholder);
  return { candidates: [], kind, before: `${name}=`, taken: [] };
}

function kindFor({ verb, group }: Said, placeholder: string): Kind {
  const at = verb ?? usualOf(group);
  return (at === undefined ? undefined : kindOf(fullNameOf(at, group), placeholder)) ?? 'nothing';
}

function argumentAt(verb: Verb, index: number) {
  const all = argumentsOf(verb);
  const last = all.at(-1);
  return all[index] ?? (last?.many ? last : undefined);
}

function verbCandidates(group: VerbGroup | undefined): Candidate[] {
  if (group !== undefined) return group.verbs.map((verb) => ({ word: nameOf(verb), meaning: verb.summary }));
  return [
    ...verbs.map((verb) => ({ word: nameOf(verb), meaning: verb.summary })),
    ...verbGroups.map(({ name, summary }) => ({ word: name, meaning: summary })),
  ];
}

function optionsAt({ verb, group }: Said): OptionWords[] {
  const at = verb ?? usualOf(group);
  if (at !== undefined) return [...optionsOf(at), ...everywhere];
  return group === undefined ? [...everywhere, version] : everywhere;
}

function openOptions(said: Said): OptionWords[] {
  return optionsAt(said).filter(({ long, repeats }) => repeats || !said.given.has(long));
}

function optionCandidate({ long, meaning }: OptionWords): Candidate {
  return { word: long, meaning };
}

function usualOf(group: VerbGroup | undefined): Verb | undefined {
  return group?.verbs.find(({ usage }) => usage === group.usual);
}

function splitOnce(word: string): [string, string | undefined] {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
