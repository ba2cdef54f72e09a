import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { flag, optionalValue, type VerbPorts, verb } from '../../../cli/define.ts';
import { parse } from '../../../cli/program.ts';
import { verbGroups, verbs } from '../../../cli/verbs/index.ts';
import type { CoppiceError } from '../../../core/errors.ts';
import { packageRoot } from '../../../core/package-root.ts';

const parsed = (...argv: string[]) => {
  const request = parse(argv, '1.2.3');
  if (request.kind !== 'verb') throw new Error(`text: ${request.text}`);
  return { name: request.name, args: request.args, options: request.options, global: request.global };
};
const text = (...argv: string[]) => {
  const request = parse(argv, '1.2.3');
  if (request.kind !== 'text') throw new Error(`verb: ${request.name}`);
  return request.text;
};
const refused = (...argv: string[]): CoppiceError => {
  try {
    parse(argv, '1.2.3');
  } catch (error) {
    return error as CoppiceError;
  }
  throw new Error('was not refused');
};

describe('a command line', () => {
  test.each([
    [['up'], 'up', [undefined], {}],
    [['up', 'feat/login', '--yes'], 'up', ['feat/login'], { yes: true }],
    [['up', '--as', 'demo', '--refresh'], 'up', [undefined], { as: 'demo', refresh: true }],
    [['down', '../b'], 'down', ['../b'], {}],
    [['down', '--as', 'x'], 'down', [undefined], { as: 'x' }],
    [['stop', 'b'], 'stop', ['b'], {}],
    [['start'], 'start', [undefined], {}],
    [['status', 'b'], 'status', ['b'], {}],
    [['logs', 'api', '--env', 'b', '-f'], 'logs', ['api', undefined], { env: 'b', follow: true }],
    [['logs', '--tail', '5', '--previous'], 'logs', [undefined, undefined], { tail: '5', previous: true }],
    [['open', 'api', '--env', 'b'], 'open', ['api'], { env: 'b' }],
    [['env', '--shell', 'fish'], 'env', [], { shell: 'fish' }],
    [['doctor'], 'doctor', [], {}],
    [['list', '--all'], 'list', [], { all: true }],
    [['ls'], 'list', [], {}],
    [['--json', 'ls', '--all'], 'list', [], { all: true }],
    [['init'], 'init', [undefined], {}],
    [['up', '--drop-temporal'], 'up', [undefined], { dropTemporal: true }],
    [['down', '--force'], 'down', [undefined], { force: true }],
    [['workflows'], 'workflows ls', [], {}],
    [['workflows', '--env', 'b', '--limit', '5'], 'workflows ls', [], { env: 'b', limit: '5' }],
    [['workflows', 'ls'], 'workflows ls', [], {}],
    [['workflows', 'show', 'x', '--run', 'r'], 'workflows show', ['x'], { run: 'r' }],
    [['platform', 'up'], 'platform up', [], {}],
    [['platform', 'down'], 'platform down', [], {}],
    [['platform', 'status'], 'platform status', [], {}],
    [['cluster', 'start'], 'cluster start', [], {}],
    [['cluster', 'stop'], 'cluster stop', [], {}],
    [['cluster', 'status'], 'cluster status', [], {}],
    [['cluster', 'reset', '--yes'], 'cluster reset', [], { yes: true }],
    [['toolchain', 'list'], 'toolchain list', [], {}],
    [['toolchain', 'install', 'pulumi', 'kubectl'], 'toolchain install', ['pulumi', 'kubectl'], {}],
  ])('%j is understood', (argv, name, args, options) => {
    expect(parsed(...argv)).toMatchObject({ name, args, options });
  });

  test('takes the options of all verbs before and after the verb', () => {
    expect(parsed('--json', 'up', '-q').global).toEqual({
      json: true,
      timings: false,
      verbose: false,
      quiet: true,
    });
    expect(parsed('status', '--json', '--timings', '-v').global).toMatchObject({
      json: true,
      timings: true,
      verbose: true,
    });
  });

  test('is not misread as a flag of another verb', () => {
    expect(refused('down', '--refresh')).toMatchObject({ code: 'COPPICE_USAGE', exitCode: 2 });
  });

  test('with a misspelt verb is refused with the verb that was meant', () => {
    const error = refused('stauts');
    expect(error).toMatchObject({ code: 'COPPICE_USAGE', exitCode: 2, message: "unknown command 'stauts'" });
    expect(error.hint).toBe('did you mean status?');
  });

  test('with a misspelt option is refused with the option that was meant', () => {
    expect(refused('up', '--refesh').hint).toBe('did you mean --refresh?');
  });

  test('with a misspelt verb in a group is refused with the verb that was meant', () => {
    expect(refused('cluster', 'strat').hint).toBe('did you mean cluster start?');
  });

  test.each([
    [['help', 'nosuch'], "unknown command 'nosuch'", 'wt --help'],
    [['nosuchverb', '--help'], "unknown command 'nosuchverb'", 'wt --help'],
    [['--help', 'stauts'], "unknown command 'stauts'", 'did you mean status?'],
    [['-h', '--json', 'stauts'], "unknown command 'stauts'", 'did you mean status?'],
    [['clutser', '--help'], "unknown command 'clutser'", 'did you mean cluster?'],
    [['db', 'nosuch', '--help'], "unknown command 'db nosuch'", 'wt db --help'],
    [['db', 'rest', '--help'], "unknown command 'db rest'", 'did you mean db reset?'],
    [['cluster', 'x', '--help'], "unknown command 'cluster x'", 'wt cluster --help'],
    [['workflows', 'lst', '--help'], "unknown command 'workflows lst'", 'did you mean workflows ls?'],
    [['workflows', 'nosuch'], "unknown command 'workflows nosuch'", 'wt workflows --help'],
    [['nosuch', '--version'], "unknown command 'nosuch'", 'wt --help'],
    [['-V', 'stauts'], "unknown command 'stauts'", 'did you mean status?'],
    [['up', '--nosuch', '--help'], "unknown option '--nosuch'", 'wt up --help'],
    [['-h', 'db', 'reset', '--nosuch'], "unknown option '--nosuch'", 'wt db reset --help'],
    [['--nosuch', '--help'], "unknown option '--nosuch'", 'wt --help'],
    [['ps'], "unknown command 'ps'", 'did you mean list?'],
    [['up', '--nosuch'], "unknown option '--nosuch'", 'wt up --help'],
    [['db', 'reset', '--nosuch'], "unknown option '--nosuch'", 'wt db reset --help'],
    [['workflows', '--nosuch'], "unknown option '--nosuch'", 'wt workflows --help'],
    [['db', 'restore'], "missing required argument 'name'", 'wt db restore --help'],
  ])('%j is refused, with the next step', (argv, message, hint) => {
    expect(refused(...argv)).toMatchObject({ code: 'COPPICE_USAGE', exitCode: 2, message, hint });
  });

  test('asks for the help of a verb whose arguments are wrong', () => {
    expect(text('workflows', '--env', 'b', '--help')).toContain('Usage: wt workflows');
    expect(text('db', 'restore', '--help')).toContain('Usage: wt db restore');
    expect(text('up', 'a', 'b', '--help')).toContain('Usage: wt up');
  });

  test('with only a group reports that a verb is missing', () => {
    expect(refused('cluster')).toMatchObject({
      message: 'wt cluster needs a verb',
      hint: 'wt cluster --help',
      exitCode: 2,
    });
  });

  test('with too many arguments is refused', () => {
    expect(refused('up', 'a', 'b').exitCode).toBe(2);
  });
});

describe('help', () => {
  test('for wt names every verb, the exit codes and how to begin', () => {
    const help = text('--help');
    for (const name of [
      ...verbs.map(({ usage }) => usage.split(' ')[0] ?? ''),
      ...verbGroups.map((group) => group.name),
    ])
      expect(help).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    expect(help).toContain('Exit codes: 0 ok, 1 problem found, 2 wrong usage, 3 platform not reachable.');
    expect(help).toContain('wt init');
  });

  test('without arguments is the same help', () => {
    expect(text()).toBe(text('--help'));
  });

  test.each(verbs.filter(({ examples }) => examples).map(({ usage }) => usage.split(' ')[0] ?? ''))(
    'for %s shows an example, and --json among the options',
    (verb) => {
      const help = text(verb, '--help');
      expect(help).toContain('Examples:\n  ');
      expect(help).toContain('--json');
    },
  );

  test.each(['up', 'down', 'stop', 'start'])('for %s says what Ctrl+C leaves', (verb) => {
    expect(text(verb, '--help')).toContain('Ctrl+C');
  });

  test('and docs/commands.md list the same verbs', () => {
    const docs = readFileSync(join(packageRoot(), 'docs', 'commands.md'), 'utf8');
    for (const { usage } of verbs) expect(docs).toContain(`wt ${usage.split(' ')[0]}`);
    for (const group of verbGroups)
      for (const { usage } of group.verbs)
        expect(docs).toMatch(new RegExp(`wt ${group.name} .*\\b${usage.split(' ')[0]}\\b`));
  });

  test('--version prints the version alone', () => {
    expect(text('--version')).toBe('1.2.3');
  });
});

test('wt help is wt --help, of a verb too', () => {
  expect(parse(['help'], '1.0.0')).toEqual(parse(['--help'], '1.0.0'));
  expect(parse(['help', 'db', 'fork'], '1.0.0')).toEqual(parse(['db', 'fork', '--help'], '1.0.0'));
});

test('an option that begins with no is a flag like any other, and a value that may be left out is true then', async () => {
  const given = async (...words: string[]) => {
    let seen: unknown;
    const declared = verb({
      usage: 'make',
      summary: '',
      about: '',
      options: { noUp: flag(''), go: optionalValue('agent', '') },
      run: async (_, options) => {
        seen = options;
        return { json: undefined, text: '' };
      },
    });
    const command = new Command().exitOverride();
    for (const [flags, meaning] of declared.options ?? []) command.option(flags, meaning);
    command.parse(words, { from: 'user' });
    await declared.run([], command.opts(), {} as VerbPorts);
    return seen;
  };
  expect(await given()).toEqual({ noUp: false, go: undefined });
  expect(await given('--no-up', '--go')).toEqual({ noUp: true, go: true });
  expect(await given('--go', 'claude')).toEqual({ noUp: false, go: 'claude' });
});
