import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lastRequests, requestTouches } from '../../../../app/telemetry/requests.ts';
import { CoppiceError } from '../../../../core/errors.ts';
import { paths, platformFiles } from '../../../../core/paths.ts';
import { addPlatformParts } from '../../../../core/state/platform-parts.ts';
import { type Asker, askHere } from '../../../../servers/telemetry/reach.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-requests-'));
  vi.stubEnv('XDG_DATA_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const neverAsked = async (): Promise<Asker> => {
  throw new Error('it was asked');
};
/** Nothing listens on the port. */
const away = async () => askHere(9, 'metrics');

test('where telemetry has not joined nobody is asked, and no request is known of', async () => {
  expect(await lastRequests(true, neverAsked)).toEqual({ value: new Map() });
  // Without the Collector the gateway's requests arrive nowhere.
  await addPlatformParts(['metrics']);
  expect(await lastRequests(true, neverAsked)).toEqual({ value: new Map() });
});

test('where it has joined and does not answer, requests are unknown', async () => {
  await addPlatformParts(['collector', 'metrics']);
  const found = await lastRequests(true, away);
  expect(found).toEqual({
    unknown: expect.stringMatching(/^requests are not known: Prometheus does not answer/),
  });
  expect(requestTouches(found, 'wt-shop--a')).toEqual(found);
});

test('neither are they known without the cluster, without its record, or when the list of parts is damaged', async () => {
  await addPlatformParts(['collector', 'metrics']);
  expect(await lastRequests(false, neverAsked)).toEqual({
    unknown: 'requests are not known: the cluster does not answer',
  });
  expect(await lastRequests(true)).toEqual({ unknown: expect.stringMatching(/^requests are not known: /) });
  mkdirSync(paths().data, { recursive: true });
  writeFileSync(join(paths().data, platformFiles.parts), '{');
  expect(await lastRequests(true, neverAsked)).toEqual({
    unknown: expect.stringMatching(/^requests are not known: .*list of the platform's parts/),
  });
});

test('several lines of an error become one', async () => {
  await addPlatformParts(['collector', 'metrics']);
  const found = await lastRequests(true, async () => {
    throw new CoppiceError('COPPICE_CLUSTER', 'first\nsecond');
  });
  expect(found).toEqual({ unknown: 'requests are not known: first' });
});

test('an environment is touched by its own requests alone', () => {
  const found = { value: new Map([['wt-shop--a', 17]]) };
  expect(requestTouches(found, 'wt-shop--a')).toEqual({ value: [{ by: 'request', at: 17 }] });
  expect(requestTouches(found, 'wt-shop--b')).toEqual({ value: [] });
});
