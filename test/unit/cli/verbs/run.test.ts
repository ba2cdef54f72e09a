import { expect, test } from 'vitest';
import { printed } from '../../../../cli/verbs/run.ts';

const found = {
  variables: {
    PORT: '20000',
    GREETING: "it's",
    DATABASE_URL: 'postgres://a:b@c/d',
    CACHE: '127.0.0.1:40001',
  },
  secret: ['DATABASE_URL'],
  passing: ['CACHE'],
};

test('variables are quoted for the shell, and a secret is no value that a shell would take', () => {
  const { text, json } = printed(found, { secrets: false, shell: 'posix' });
  expect(text.split('\n').slice(0, 2)).toEqual(['export PORT=20000', "export GREETING='it'\\''s'"]);
  expect(text).not.toContain('postgres://');
  expect(text).toMatch(/^# DATABASE_URL has a secret/m);
  expect(text).toMatch(/^# CACHE leads somewhere only while/m);
  expect(json).toMatchObject({ hidden: ['DATABASE_URL'], passing: ['CACHE'] });
});

test('secrets are printed when they are asked for, and what leads nowhere is not', () => {
  const { text } = printed(found, { secrets: true, shell: 'fish' });
  expect(text).toContain('set -gx DATABASE_URL postgres://a:b@c/d\n');
  expect(text).not.toContain('40001');
});
