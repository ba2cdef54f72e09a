import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { managedAddress, managedFrontend } from '../../../../servers/temporal/connection/managed.ts';
import type { ManagedTemporal } from '../../../../servers/temporal/place.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-managed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const place = (more: Partial<ManagedTemporal> = {}): ManagedTemporal => ({
  kind: 'managed',
  address: 'temporal.example.com:7233',
  namespaces: 'create',
  ...more,
});
const block = (kind: string) => `-----BEGIN ${kind}-----\nc2VjcmV0\n-----END ${kind}-----\n`;

describe('the connection to a managed server', () => {
  test('is plain text if the settings set neither TLS nor a key', async () => {
    expect(await managedFrontend(place(), {})).toEqual({ address: 'temporal.example.com:7233' });
  });

  test('uses TLS if there is an API key, set or not', async () => {
    const found = await managedFrontend(place({ apiKey: { env: 'KEY' } }), { KEY: 'secret' });
    expect(found).toEqual({ address: 'temporal.example.com:7233', tls: {}, apiKey: 'secret' });
  });

  test('has the texts of the files in the settings', async () => {
    const tls = {
      serverName: 'inner',
      ca: file('ca.pem', block('CERTIFICATE')),
      cert: file('me.pem', block('CERTIFICATE')),
      key: file('me.key', block('EC PRIVATE KEY')),
    };
    expect((await managedFrontend(place({ tls }), {})).tls).toEqual({
      serverName: 'inner',
      ca: block('CERTIFICATE'),
      cert: block('CERTIFICATE'),
      key: block('EC PRIVATE KEY'),
    });
  });

  test('reads a key from a file that ends with a newline', async () => {
    const apiKey = { file: file('key', ' secret\n') };
    expect(await managedFrontend(place({ apiKey }), {})).toMatchObject({ apiKey: 'secret' });
  });

  test.each([
    ['not set', undefined, 'the variable KEY, which holds the API key of the managed Temporal, is not set'],
    ['empty', ' \n', 'is not set'],
    ['two words', 'Bearer secret', 'holds no API key'],
    ['two lines', 'secret\nsecret', 'holds no API key'],
    ['nothing that a header can carry', 'secret\u2026', 'holds no API key'],
  ])('is refused when the key is %s, without showing it', async (_, KEY, why) => {
    const failure = managedFrontend(place({ apiKey: { env: 'KEY' } }), { KEY }).catch(
      (error: Error) => error,
    );
    expect(await failure).toMatchObject({
      code: 'COPPICE_MANAGED_TEMPORAL',
      message: expect.stringContaining(why),
      hint: expect.stringContaining('temporal.managed.apiKey'),
    });
    expect(((await failure) as Error).message).not.toContain('secret');
  });

  test.each([
    ['apiKey', () => place({ apiKey: { file: join(folder, 'nowhere') } })],
    ['tls.ca', () => place({ tls: { ca: join(folder, 'nowhere') } })],
    ['tls.cert', () => place({ tls: { cert: join(folder, 'nowhere') } })],
    ['tls.key', () => place({ tls: { key: join(folder, 'nowhere') } })],
  ])('is refused when the file of %s cannot be read', async (setting, where) => {
    await expect(managedFrontend(where(), {})).rejects.toMatchObject({
      code: 'COPPICE_MANAGED_TEMPORAL',
      message: expect.stringMatching(/\/nowhere, which holds .* managed Temporal.*: ENOENT/),
      hint: `it is named in the settings, \`temporal.managed.${setting}\``,
    });
  });

  test.each([
    ['ca', 'PRIVATE KEY', 'certificate'],
    ['cert', 'PRIVATE KEY', 'certificate'],
    ['key', 'CERTIFICATE', 'private key'],
  ])('is refused when the file of tls.%s holds a %s, without showing it', async (setting, kind, wanted) => {
    const tls = { [setting]: file('pem', block(kind)) };
    const failure = await managedFrontend(place({ tls }), {}).catch((error: Error) => error);
    expect((failure as Error).message).toMatch(new RegExp(`has no PEM block of a ${wanted}$`));
    expect((failure as Error).message).not.toContain('c2VjcmV0');
  });
});

describe('pods reach a managed server', () => {
  test('where this machine does, or where the settings say', () => {
    expect(managedAddress(place())).toBe('temporal.example.com:7233');
    expect(managedAddress(place({ address: '127.0.0.1:7233', cluster: 'inner:7233' }))).toBe('inner:7233');
  });

  test.each(['127.0.0.1:7233', 'localhost:7233', '[::1]:7233'])(
    'but not at %s, which means another machine there',
    (address) => {
      expect(() => managedAddress(place({ address }))).toThrow(
        expect.objectContaining({
          code: 'COPPICE_MANAGED_TEMPORAL',
          hint: expect.stringContaining('temporal.managed.cluster'),
        }),
      );
    },
  );
});
