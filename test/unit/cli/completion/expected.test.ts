import { describe, expect, test } from 'vitest';
import { expectedAt } from '../../../../cli/completion/expected.ts';
import { kindOf } from '../../../../cli/completion/kinds.ts';
import { argumentsOf, fullNameOf, optionsOf } from '../../../../cli/completion/table.ts';
import { verbGroups, verbs } from '../../../../cli/verbs/index.ts';

const all = [
  ...verbs.map((verb) => ({ verb, name: fullNameOf(verb) })),
  ...verbGroups.flatMap((group) => group.verbs.map((verb) => ({ verb, name: fullNameOf(verb, group) }))),
];

test.each(all.map(({ name, verb }) => [name, verb] as const))(
  'Tab knows what each argument and option of wt %s stands for (cli/completion/kinds.ts)',
  (name, verb) => {
    const placeholders = [
      ...argumentsOf(verb).map(({ placeholder }) => placeholder),
      ...optionsOf(verb).flatMap(({ placeholder }) => placeholder ?? []),
    ];
    expect(placeholders.filter((placeholder) => kindOf(name, placeholder) === undefined)).toEqual([]);
  },
);

const words = (line: string, current = '') =>
  expectedAt(line.split(' ').filter(Boolean), current).candidates.map(({ word }) => word);
const kind = (line: string, current = '') => expectedAt(line.split(' ').filter(Boolean), current).kind;

describe('at the cursor', () => {
  test('verbs and groups stand first, and after help', () => {
    expect(words('')).toEqual(expect.arrayContaining(['switch', 'up', 'db', 'shell']));
    expect(words('help')).toEqual(words(''));
    expect(words('--json')).toEqual(words(''));
  });

  test('the verbs of a group follow it', () => {
    expect(words('db')).toContain('restore');
    expect(words('db')).not.toContain('up');
    expect(words('help db')).toEqual(words('db'));
  });

  test.each([
    ['switch', 'branch'],
    ['status', 'environment'],
    ['logs', 'service'],
    ['restart web', 'service'],
    ['db restore', 'snapshot'],
    ['workflows show', 'workflow'],
    ['toolchain install', 'program'],
    ['init', 'folders'],
    ['logs --env', 'environment'],
    ['logs --tail', 'nothing'],
    ['--json logs -f', 'service'],
    ['logs --env b', 'service'],
  ])('after wt %s comes: %s', (line, wanted) => {
    expect(kind(line)).toBe(wanted);
  });

  test('a closed list is offered as it is', () => {
    expect(kind('shell install --shell')).toEqual(['bash', 'zsh', 'fish']);
    expect(kind('cluster start --driver')).toContain('k3d');
  });

  test('the value of --env=… is completed in the same word', () => {
    expect(expectedAt(['logs'], '--env=fe')).toMatchObject({ kind: 'environment', before: '--env=' });
  });

  test('an option that was given is not offered again, one that repeats is', () => {
    expect(words('logs', '-')).toContain('--follow');
    expect(words('logs -f', '-')).not.toContain('--follow');
    expect(words('logs --env=b', '-')).not.toContain('--env');
    expect(words('db psql --command x', '-')).toContain('--command');
  });

  test('options of all verbs are offered everywhere, and --version before a verb only', () => {
    expect(words('', '-')).toEqual(expect.arrayContaining(['--json', '--help', '--version']));
    expect(words('up', '-')).toEqual(expect.arrayContaining(['--json', '--help']));
    expect(words('up', '-')).not.toContain('--version');
  });

  test('a verb without further arguments offers its options', () => {
    expect(words('doctor')).toContain('--fix');
    expect(words('status b')).toContain('--json');
  });

  test('nothing of ours follows --, nor a verb that does not exist', () => {
    expect(expectedAt(['db', 'psql', '--'], '')).toMatchObject({ candidates: [], kind: 'files' });
    expect(expectedAt(['db', 'psql', '--'], '--')).toMatchObject({ candidates: [], kind: 'files' });
    expect(expectedAt(['nonsense'], '')).toMatchObject({ candidates: [], kind: 'nothing' });
  });

  test('what was named is not offered again', () => {
    expect(expectedAt(['restart', 'web'], '').taken).toEqual(['web']);
  });

  test('the environment of --env is where services are looked up', () => {
    expect(expectedAt(['logs', '--env', 'b'], '').environment).toBe('b');
    expect(expectedAt(['logs', '--env=b'], '').environment).toBe('b');
  });
});
