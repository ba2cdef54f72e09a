import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { CoppiceError } from '../core/errors.ts';
import { nearest } from '../core/suggest.ts';
import type { Request } from './bare.ts';
import type { Verb, VerbGroup } from './define.ts';
import { globalOptions, helpOption, versionOption } from './global-options.ts';
import { verbGroups, verbs } from './verbs/index.ts';

/** Parses a command line without running anything. Throws COPPICE_USAGE (exit code 2). */
export function parse(given: readonly string[], version: string): Request {
  const argv = withoutAlias(given);
  if (argv.length === 0) return parse(['--help'], version);
  if (argv[0] === 'help') return parse([...argv.slice(1), '--help'], version);
  let request: Request | undefined;
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const program = build(
    (chosen) => {
      request = chosen;
    },
    print,
    argv[0],
  ).version(version, ...versionOption);
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, argv);
    // commander prints the help or the version above what it does not know.
    requireKnownVerb(argv);
    if (error.code === 'commander.helpDisplayed') requireKnownOptions(argv);
    return { kind: 'text', text: printed.trimEnd() };
  }
  return request ?? { kind: 'text', text: printed.trimEnd() };
}

/** `wt ls` is `wt list`. */
function withoutAlias(argv: readonly string[]): readonly string[] {
  const verb = argv.findIndex((word) => !word.startsWith('-'));
  const at = argv[verb] === 'help' ? verb + 1 : verb;
  return argv[at] === 'ls' ? argv.with(at, 'list') : argv;
}

function usageError(error: CommanderError, argv: readonly string[]): CoppiceError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const { path, group, unknown } = commandIn(argv);
  if (unknown !== undefined) return unknownVerbError(argv, unknown);
  const help = ['wt', ...path, '--help'].join(' ');
  const hint =
    dashesHint(path, argv, error) ??
    suggestion?.replace(/^\((?:Did you mean )(.*)\)$/, 'did you mean $1') ??
    help;
  // commander prints the help of a group that is called without a verb, and reports that as an error.
  const what = message === '(outputHelp)' ? `wt ${group?.name ?? ''} needs a verb` : message;
  return new CoppiceError('COPPICE_USAGE', what, { hint });
}

/** For `wt run npm test --watch`: options of the program are ours before `--`. */
function dashesHint(
  path: readonly string[],
  argv: readonly string[],
  { code }: CommanderError,
): string | undefined {
  const verb = verbs.find((one) => nameOf(one) === path[0] && one.usage.endsWith('[command...]'));
  if (verb === undefined || code !== 'commander.unknownOption' || argv.includes('--')) return undefined;
  return `write -- before the command, as in \`${verb.examples?.[1]?.[0]}\``;
}

function requireKnownVerb(argv: readonly string[]): void {
  const { unknown } = commandIn(argv);
  if (unknown !== undefined) throw unknownVerbError(argv, unknown);
}

function requireKnownOptions(argv: readonly string[]): void {
  const asked = argv.filter((word) => word !== '--help' && word !== '-h');
  try {
    build(
      () => {},
      () => {},
    ).parse(asked, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.code === 'commander.unknownOption')
      throw usageError(error, argv);
  }
}

function unknownVerbError(argv: readonly string[], unknown: string): CoppiceError {
  const { path, group } = commandIn(argv);
  return new CoppiceError('COPPICE_USAGE', `unknown command '${[...path, unknown].join(' ')}'`, {
    hint: hintInstead(unknown, path, group),
  });
}

function hintInstead(unknown: string, path: readonly string[], group: VerbGroup | undefined): string {
  // Other tools call a list so.
  if (group === undefined && unknown === 'ps') return 'did you mean list?';
  const best = nearest(unknown, group ? group.verbs.map(nameOf) : allNames);
  return best === undefined
    ? ['wt', ...path, '--help'].join(' ')
    : `did you mean ${[...path, best].join(' ')}?`;
}

const nameOf = ({ usage }: Verb) => usage.split(' ')[0] ?? '';
const allNames = [...verbs.map(nameOf), ...verbGroups.map(({ name }) => name)];

interface NamedCommand {
  /** The known words of a command: `['db', 'reset']`. */
  readonly path: readonly string[];
  readonly group?: VerbGroup;
  /** The word in the place of a verb that is none. */
  readonly unknown?: string;
}

/** The command at the beginning of a command line. No option that may stand before it takes a value. */
function commandIn(argv: readonly string[]): NamedCommand {
  const begin = argv.findIndex((word) => !word.startsWith('-'));
  const [first, ...rest] = begin < 0 ? [] : argv.slice(begin);
  if (first === undefined) return { path: [] };
  const group = verbGroups.find(({ name }) => name === first);
  if (!group) return allNames.includes(first) ? { path: [first] } : { path: [], unknown: first };
  // The value of an option of the usual verb is no verb, so only the next word can be one.
  const [second] = rest;
  if (second === undefined || second.startsWith('-')) return { path: [first], group };
  const known = group.verbs.some((verb) => nameOf(verb) === second);
  return known ? { path: [first, second], group } : { path: [first], group, unknown: second };
}

/** `named`: the first word; where it is a verb only that is built, which a quarter of a quick verb's time would go to. */
function build(choose: (request: Request) => void, print: (text: string) => void, named?: string): Command {
  const isMeant = (name: string) => named === undefined || !allNames.includes(named) || name === named;
  const program = new Command('wt')
    .description('Every git worktree becomes a running environment of its own.')
    .helpOption(...helpOption)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: print, writeErr: () => {} })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', afterHelp);
  for (const [flags, meaning] of globalOptions) program.option(flags, meaning);
  for (const verb of verbs) if (isMeant(nameOf(verb))) addVerb(program, verb, choose);
  for (const group of verbGroups) if (isMeant(group.name)) addGroup(program, group, choose);
  program.helpCommand(false);
  return program;
}

const afterHelp = `
Begin:
  wt init                write coppice.yaml
  wt up                  http://<branch>.<app>.localhost/
  wt doctor              when anything is strange

Exit codes: 0 ok, 1 problem found, 2 wrong usage, 3 platform not reachable.`;

function addGroup(program: Command, group: VerbGroup, choose: (request: Request) => void): void {
  const command = program
    .command(group.name)
    .summary(group.summary)
    .description(group.about)
    .helpCommand(false)
    .copyInheritedSettings(program);
  for (const verb of group.verbs) addVerb(command, verb, choose, group);
}

function addVerb(
  parent: Command,
  verb: Verb,
  choose: (request: Request) => void,
  group?: Pick<VerbGroup, 'name' | 'usual'>,
): void {
  const isDefault = group?.usual !== undefined && verb.usage === group.usual;
  const command = parent.command(verb.usage, { isDefault }).summary(verb.summary).description(verb.about);
  for (const [flags, meaning, repeats] of verb.options ?? [])
    if (/[<[]/.test(flags)) command.option<Given>(flags, meaning, repeats ? inOrder : once);
    else command.option(flags, meaning);
  if (verb.examples) command.addHelpText('after', `\nExamples:\n${examples(verb.examples)}`);
  command.allowExcessArguments(false);
  command.action(() => {
    const all = command.optsWithGlobals<Record<string, Given | boolean>>();
    const { json, timings, verbose, quiet, ...options } = all;
    choose({
      kind: 'verb',
      name: group === undefined ? command.name() : `${group.name} ${command.name()}`,
      verb,
      args: command.processedArgs.flat() as (string | undefined)[],
      options,
      global: {
        json: json === true,
        timings: timings === true,
        verbose: verbose === true,
        quiet: quiet === true,
      },
    });
  });
}

function examples(list: NonNullable<Verb['examples']>): string {
  const width = Math.max(...list.map(([command]) => command.length));
  return list.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`).join('\n');
}

/** What an option was given: one text, or several of one that repeats. */
type Given = string | readonly string[] | undefined;

function inOrder(text: string, earlier: Given): Given {
  return [...(earlier ?? []), text];
}

/** The last of two would win silently. */
function once(text: string, earlier: Given): Given {
  if (earlier !== undefined && earlier !== text)
    throw new InvalidArgumentError(`It takes one value and was given twice: ${earlier} and ${text}.`);
  return text;
}
