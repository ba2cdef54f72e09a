import { expect, test } from 'vitest';
import { type RestoreFacts, verdictOn } from '../../../../servers/postgres/restore/policy.ts';
import {
  type LeftOut,
  leftOutOfDump,
  objectLeftOut,
  whereListed,
} from '../../../../servers/postgres/restore/report.ts';

const facts: RestoreFacts = {
  roles: new Set(),
  settings: new Set(),
  accessMethods: new Set(),
  languages: new Set(),
  collations: new Set(),
};
const verdict = (shape: string) => verdictOn(shape, facts, { created: true, policies: new Set() });
const grant = (what: string): LeftOut => ({ kind: 'grant', line: 1, what });

test.each([
  'GRANT SELECT ON TABLE public.notes TO PUBLIC;',
  'GRANT SELECT(id),UPDATE(id) ON TABLE public.notes TO public;',
  'REVOKE ALL ON FUNCTION public."a ON b"(integer) FROM PUBLIC;',
  'REVOKE USAGE ON SCHEMA public FROM PUBLIC;',
])('what PUBLIC may do is tried: %s', (shape) => {
  expect(verdict(shape)).toEqual({ do: 'grant', name: shape.slice(0, -1) });
});

test.each([
  'GRANT SELECT ON TABLE public.notes TO readers;',
  'GRANT SELECT ON TABLE public."x TO PUBLIC" TO readers;',
  'GRANT SELECT ON TABLE public.notes TO readers, PUBLIC;',
  'GRANT CONNECT ON DATABASE shop TO PUBLIC;',
  'REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC;',
  'GRANT staff TO readers;',
  'ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE ALL ON FUNCTIONS FROM PUBLIC;',
])('what other roles may do, and what is not inside the database, is left out by name: %s', (shape) => {
  expect(verdict(shape)).toEqual({ do: 'leave', as: 'grant', name: shape.slice(0, -1) });
});

test('each grant is listed, after what matters more', () => {
  const left: LeftOut[] = [
    { kind: 'owner', line: 1, what: 'ALTER TABLE' },
    ...Array.from({ length: 300 }, (_, at) => grant(`GRANT SELECT ON TABLE t${at} TO readers`)),
    { kind: 'replication', line: 900, what: 'publication p' },
  ];
  const summary = leftOutOfDump(left);
  expect(summary?.counts).toEqual({ owner: 1, grant: 300, replication: 1 });
  expect(summary?.objects.slice(0, 2).map(objectLeftOut)).toEqual([
    'publication p',
    'GRANT SELECT ON TABLE t0 TO readers',
  ]);
  expect(summary?.objects).toHaveLength(200);
});

test.each<[LeftOut['kind'][], string]>([
  [['owner'], ''],
  [['grant'], '; `wt db status` lists them'],
  [['owner', 'grant'], '; `wt db status` lists all but the owners'],
  [['owner', 'drop', 'policy'], '; `wt db status` lists all but the owners and drops'],
])('of %j it says what is listed', (kinds, said) => {
  const summary = leftOutOfDump(kinds.map((kind) => ({ kind, line: 1, what: kind })));
  expect(summary && whereListed(summary)).toBe(said);
});
