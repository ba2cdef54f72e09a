import { describe, expect, test } from 'vitest';
import { consent, type Replacing } from '../../../../app/databases/replace.ts';
import type { Server } from '../../../../servers/postgres/connection/server.ts';
import { testPorts } from '../ports.ts';

/** A server of which only the number of sessions is asked. */
const serverWith = (sessions: number) =>
  ({ query: async () => Array.from({ length: sessions }, () => ({})) }) as unknown as Server;

const replacing = (said: Partial<Replacing> = {}): Replacing => ({
  database: 'wt_shop__main',
  question: 'Replace it?',
  yes: false,
  force: false,
  refusal: 'nothing was replaced',
  hint: 'wt db undo --force',
  ...said,
});

describe('before a database is replaced', () => {
  test('a person is told how many sessions end, and yes means that they may', async () => {
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

  test('nothing is told of sessions where there are none', async () => {
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

  test('without a yes it is refused, with what to say in a script', async () => {
    await expect(consent(serverWith(1), replacing(), testPorts())).rejects.toMatchObject({
      code: 'COPPICE_NOT_CONFIRMED',
      message: 'nothing was replaced: nobody said yes',
      hint: 'wt db undo --force',
      exitCode: 2,
    });
  });

  test('--yes asks nothing and lets no session be ended', async () => {
    expect(await consent(serverWith(1), replacing({ yes: true }), testPorts())).toBe(false);
  });

  test('--force asks nothing and lets sessions be ended', async () => {
    expect(await consent(serverWith(1), replacing({ force: true }), testPorts())).toBe(true);
  });
});
