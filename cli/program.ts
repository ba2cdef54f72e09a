import { Command, CommanderError } from 'commander';
import { CoppiceError } from '../core/errors.ts';
import type { Options, Verb, VerbGroup } from './define.ts';
import { verbGroups, verbs } from './verbs/index.ts';

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

/** Parses a command line without running anything. Throws COPPICE_USAGE (exit code 2). */
export function parse(argv: readonly string[], version: string): Request {
  if (argv.length === 0) return parse(['--help'], version);
  let request: Request | undefined;
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const program = build((chosen) => {
    request = chosen;
  }, print).version(version, '-V, --version', 'print the version');
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'text', text: printed.trimEnd() };
    throw usageError(error, argv);
  }
  return request ?? { kind: 'text', text: printed.trimEnd() };
}

function usageError(error: CommanderError, argv: readonly string[]): CoppiceError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const group = groupIn(argv);
  const help = group ? `wt ${group.name} --help` : 'wt --help';
  const hint = suggestion?.replace(/^\((?:Did you mean )(.*)\)$/, 'did you mean $1') ?? help;
  // commander prints the help of a group that is called without a verb, and reports that as an error.
  const what = message === '(outputHelp)' ? `wt ${group?.name ?? ''} needs a verb` : message;
  return new CoppiceError('COPPICE_USAGE', what, { hint });
}

function groupIn(argv: readonly string[]): VerbGroup | undefined {
  const first = argv.find((word) => !word.startsWith('-'));
  return verbGroups.find(({ name }) => name === first);
}

function build(choose: (request: Request) => void, print: (text: string) => void): Command {
  const program = new Command('wt')
    .description('Every git worktree becomes a running environment of its own.')
    .option('--json', 'print one JSON document, errors too as {code, message, hint}')
    .option('--timings', 'print how long each phase took')
    .option('-v, --verbose', 'show causes of errors')
    .option('-q, --quiet', 'show no progress')
    .helpOption('-h, --help', 'print help')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: print, writeErr: () => {} })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', afterHelp);
  for (const verb of verbs) addVerb(program, verb, choose);
  for (const group of verbGroups) addGroup(program, group, choose);
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
  for (const [flags, meaning] of verb.options ?? []) command.option(flags, meaning);
  if (verb.examples) command.addHelpText('after', `\nExamples:\n${examples(verb.examples)}`);
  command.allowExcessArguments(false);
  command.action(() => {
    const all = command.optsWithGlobals<Record<string, string | boolean | undefined>>();
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
