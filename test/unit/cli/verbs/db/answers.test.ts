import { describe, expect, test } from 'vitest';
import { db } from '../../../../../cli/verbs/db/index.ts';

const optionsOf = (usage: string) => {
  const verb = db.verbs.find((one) => one.usage.split(' ')[0] === usage);
  return new Map((verb?.options ?? []).map(([flags, meaning]) => [flags.split(/[ ,]+/).at(-1), meaning]));
};

describe('the verbs that copy or replace a database', () => {
  const verbs = ['snapshot', 'restore', 'undo', 'reset', 'fork'];

  test.each(['--yes', '--end-sessions', '--force'])('%s means the same in all of them', (flag) => {
    const meanings = new Set(verbs.map((verb) => optionsOf(verb).get(flag)));
    expect(meanings.size).toBe(1);
    expect([...meanings][0]).toEqual(expect.any(String));
  });

  test('the verbs that only look have none of them', () => {
    for (const verb of ['url', 'psql', 'snapshots', 'list', 'status'])
      expect([...optionsOf(verb).keys()].filter((flag) => /yes|force|end-/.test(flag ?? ''))).toEqual([]);
  });

  test('a template is rebuilt with --yes or --force', () => {
    expect([...optionsOf('refresh-template').keys()]).toEqual(expect.arrayContaining(['--yes', '--force']));
  });
});
