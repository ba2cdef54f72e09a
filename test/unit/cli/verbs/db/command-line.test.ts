import { describe, expect, test } from 'vitest';
import { parse } from '../../../../../cli/program.ts';
import { db } from '../../../../../cli/verbs/db/index.ts';

const parsed = (...argv: string[]) => {
  const request = parse(['db', ...argv], '1.2.3');
  if (request.kind !== 'verb') throw new Error(`text: ${request.text}`);
  return request;
};
const help = (verb: string): string => {
  const request = parse(['db', verb, '--help'], '1.2.3');
  return request.kind === 'text' ? request.text : '';
};
const names = db.verbs.map(({ usage }) => usage.split(' ')[0] ?? '');

describe('a command line of wt db', () => {
  test.each([
    [['url', '--cluster'], 'db url', [], { cluster: true }],
    [['url', '--forward', '--env', 'b'], 'db url', [], { forward: true, env: 'b' }],
    [['psql', '-c', 'select 1'], 'db psql', [], { command: ['select 1'] }],
    [['psql', '-c', 'a', '--env', 'b', '-c', 'b'], 'db psql', [], { command: ['a', 'b'], env: 'b' }],
    [['psql', '--env', 'b', '--', '--csv', '-f', 'x.sql'], 'db psql', ['--csv', '-f', 'x.sql'], { env: 'b' }],
    [['reset', '--yes'], 'db reset', [], { yes: true }],
    [['snapshot', 'before', '--force'], 'db snapshot', ['before'], { force: true }],
    [['snapshot', 'before', '--remove'], 'db snapshot', ['before'], { remove: true }],
    [['restore', 'before', '--yes'], 'db restore', ['before'], { yes: true }],
    [['snapshots', '--as', 'demo'], 'db snapshots', [], { as: 'demo' }],
    [['undo'], 'db undo', [undefined], {}],
    [['undo', 'reset-1', '--force'], 'db undo', ['reset-1'], { force: true }],
    [['list'], 'db list', [], {}],
    [['refresh-template', '--yes'], 'db refresh-template', [], { yes: true }],
    [['status'], 'db status', [], {}],
    [['fork', '--from', 'main', '--end-sessions'], 'db fork', [], { from: 'main', endSessions: true }],
    [['fork', '--from', 'main', '--last-snapshot'], 'db fork', [], { lastSnapshot: true }],
  ])('%j is understood', (argv, name, args, options) => {
    expect(parsed(...argv)).toMatchObject({ name, args, options });
  });

  test('that gives an option two values where it has one is refused', () => {
    expect(() => parsed('fork', '--from', 'a', '--from', 'b')).toThrow(
      /option '--from <environment>' .*given twice: a and b/,
    );
    expect(parsed('fork', '--from', 'a', '--from', 'a').options).toMatchObject({ from: 'a' });
  });

  test('without the name of a snapshot is refused', () => {
    expect(() => parsed('snapshot')).toThrow(/missing required argument 'name'/);
  });
});

describe('the help of wt db', () => {
  test.each(names)('for %s says what changes, and takes --json', (name) => {
    expect(help(name)).toContain('--json');
    expect(help(name)).toMatch(
      /Changes nothing|[Kk]ept|Replaces|Uses this machine.s psql|stay as they are|becomes a snapshot/,
    );
  });

  test.each(names.filter((name) => name !== 'list'))('for %s names another environment by --env', (name) => {
    expect(help(name)).toContain('--env <environment>');
  });

  test.each(['reset', 'restore', 'undo', 'fork'])('for %s says what becomes of what it replaces', (name) => {
    expect(help(name)).toMatch(/72\s+hours/);
  });

  test.each(['reset', 'refresh-template'])('for %s says what Ctrl+C leaves', (name) => {
    expect(help(name)).toContain('Ctrl+C');
  });
});
