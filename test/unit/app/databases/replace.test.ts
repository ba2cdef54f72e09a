import { describe, expect, test } from 'vitest';
import { consent, type Replacing, withYes } from '../../../../app/databases/replace.ts';
import type { Server } from '../../../../servers/postgres/connection/server.ts';
import { testPorts } from '../ports.ts';

/** A server that is queried only for its number of sessions. */
const serverWith = (sessions: number) =>
  ({ query: async () => Array.from({ length: sessions }, () => ({})) }) as unknown as Server;

const replacing = (changes: Partial<Replacing> = {}): Replacing => ({
  database: 'wt_shop__main',
  question: 'Replace it?',
  yes: false,
  endSessions: false,
  force: false,
  refusal: 'nothing was replaced',
  hint: 'wt db undo --force',
  ...changes,
});

describe('before a database is replaced', () => {
  test('a person sees how many sessions end, and yes allows it', async () => {
    const asked: string[] = [];
    const ports = testPorts({
      ask: async (question) => {
        asked.push(question);
        return true;
      },
    });
    expect(await consent(serverWith(2), replacing(), ports)).toBe(true);
    expect(asked).toEqual(['Replace it? 2 sessions will end.']);
  });

  test('sessions are not mentioned where there are none', async () => {
    const asked: string[] = [];
    const ports = testPorts({
      ask: async (question) => {
        asked.push(question);
        return true;
      },
    });
    await consent(serverWith(0), replacing(), ports);
    expect(asked).toEqual(['Replace it?']);
  });

  test('without a yes it is refused, with the flag for a script', async () => {
    await expect(consent(serverWith(1), replacing(), testPorts())).rejects.toMatchObject({
      code: 'COPPICE_NOT_CONFIRMED',
      message: 'nothing was replaced: not confirmed',
      hint: 'wt db undo --force',
      exitCode: 2,
    });
  });

  test('--yes asks nothing and ends no session', async () => {
    expect(await consent(serverWith(1), replacing({ yes: true }), testPorts())).toBe(false);
  });

  test('--end-sessions alone asks, and together with --yes it is --force', async () => {
    const ending = replacing({ endSessions: true });
    await expect(consent(serverWith(1), ending, testPorts())).rejects.toMatchObject({
      code: 'COPPICE_NOT_CONFIRMED',
    });
    expect(await consent(serverWith(1), { ...ending, yes: true }, testPorts())).toBe(true);
  });

  test('sessions of its own services are not counted', async () => {
    const asked: string[] = [];
    const ports = testPorts({
      ask: async (question) => {
        asked.push(question);
        return true;
      },
    });
    const clients = ['10.1.0.7', '10.1.0.7', '127.0.0.1'].map((client) => ({ client }));
    const server = { query: async () => clients } as unknown as Server;
    await consent(server, replacing({ own: ['10.1.0.7'] }), ports);
    expect(asked).toEqual(['Replace it? 1 session will end.']);
  });

  test('--force asks nothing and may end sessions', async () => {
    expect(await consent(serverWith(1), replacing({ force: true }), testPorts())).toBe(true);
  });
});

test.each([
  [['reset'], {}, false, 'wt db reset --yes'],
  [['reset'], { environment: 'feat' }, false, 'wt db reset --env feat --yes'],
  [['restore', 'before'], { as: 'x' }, true, 'wt db restore before --as x --end-sessions --yes'],
])('the command for a script is %j of the same environment %j', (command, target, endSessions, expected) => {
  expect(withYes(command, target, { endSessions })).toBe(expected);
});
