import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../../../config/settings/settings.ts';
import { managedAddress, managedLogin } from '../../../../servers/postgres/connection/managed.ts';

const from = { env: 'DATABASE_ADMIN_URL' };
const login = (DATABASE_ADMIN_URL: string) => managedLogin(from, { DATABASE_ADMIN_URL });

describe('the login of a managed server', () => {
  test('is the decoded URL from the environment', async () => {
    expect(await login('postgres://ann:p%40ss%2Fword@db.example.com:6543/ad%20min?sslmode=require')).toEqual({
      host: 'db.example.com',
      port: 6543,
      user: 'ann',
      password: 'p@ss/word',
      maintenance: 'ad min',
      ssl: true,
    });
  });

  test('has the default port, and no TLS, unless the URL sets them', async () => {
    expect(await login('postgresql://ann@db')).toEqual({ host: 'db', port: 5432, user: 'ann', password: '' });
  });

  test('may have an address instead of a host', async () => {
    expect(await login('postgres://ann@[fd00::7]/x')).toMatchObject({ host: 'fd00::7', port: 5432 });
  });

  test('may be in a file that ends with a newline', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'coppice-managed-'));
    try {
      const file = join(folder, 'url');
      writeFileSync(file, 'postgres://ann:secret@db/x\n');
      expect(await managedLogin({ file }, {})).toMatchObject({ host: 'db', maintenance: 'x' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['not set', undefined, 'DATABASE_ADMIN_URL, which holds the URL of the managed PostgreSQL, is not set'],
    ['empty', ' ', 'is not set'],
    ['no URL', 'secret', 'holds no URL'],
    ['of another kind', 'mysql://ann:secret@db/x', 'mysql:'],
    ['without a user', 'postgres://db/x', 'names no host or no user'],
    ['of an unknown sslmode', 'postgres://ann:secret@db/x?sslmode=maybe', 'sslmode=maybe'],
  ])('is refused when it is %s, without showing it', async (_, url, why) => {
    const failure = await managedLogin(from, { DATABASE_ADMIN_URL: url }).catch((error: Error) => error);
    expect(failure).toMatchObject({
      code: 'COPPICE_MANAGED_DATABASE',
      message: expect.stringContaining(why),
      hint: expect.stringContaining('databases.managed.url'),
    });
    expect((failure as Error).message).not.toContain('secret');
  });

  test('is refused when its file cannot be read', async () => {
    await expect(managedLogin({ file: '/nowhere/url' }, {})).rejects.toThrow(/\/nowhere\/url.*ENOENT/);
  });
});

describe('pods reach a managed server', () => {
  const server = { host: 'db.example.com', port: 6543, user: 'ann', password: '' };

  test('where this machine does', () => {
    expect(managedAddress(server)).toEqual({ host: 'db.example.com', port: 6543 });
  });

  test('where the settings say', () => {
    const inCluster = { host: '10.1.2.3', port: 5432 };
    expect(managedAddress({ ...server, host: 'localhost' }, inCluster)).toEqual(inCluster);
  });

  test.each(['localhost', '127.0.0.1', '127.1.2.3', '::1'])('not at %s of this machine', (host) => {
    expect(() => managedAddress({ ...server, host })).toThrow(/no pod can reach it/);
  });
});

describe('the settings of a managed server', () => {
  const managed = (text: string) =>
    parseSettings(`databases:\n  managed:\n${text}`, 'config.yaml').databases?.managed;

  test('name where the URL is, and where pods reach it', () => {
    expect(managed('    url: { env: A }\n    cluster: { host: 10.1.2.3 }\n')).toEqual({
      url: { env: 'A' },
      cluster: { host: '10.1.2.3', port: 5432 },
    });
    expect(managed('    url: { file: /run/secrets/url }\n    resources: postgresql\n')).toEqual({
      url: { file: '/run/secrets/url' },
      resources: 'postgresql',
    });
  });

  test('refuse the URL itself', () => {
    expect(() => managed('    url: postgres://ann:secret@db/x\n')).toThrow();
    expect(() => managed('    url: { file: url.txt }\n')).toThrow();
  });
});
