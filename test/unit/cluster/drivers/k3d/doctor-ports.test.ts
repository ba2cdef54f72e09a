import { expect, test } from 'vitest';
import { namesOf } from '../../../../../cluster/drivers/k3d/names.ts';
import { networkChecks } from '../../../../../cluster/drivers/k3d/port-judgements.ts';
import { portsOf, publishedPorts } from '../../../../../cluster/drivers/k3d/ports.ts';
import { settingsSchema } from '../../../../../config/settings/settings.ts';
import { labels, nothing, running, server, stopped } from './facts.ts';

/** Not what the cluster in ./facts.ts was created with. */
const settings = settingsSchema.parse({
  ports: { http: 8080, postgres: 25432 },
  k3d: { registryPort: 5222 },
});
const pins = { names: namesOf('coppice'), owner: labels['coppice.dev/owner'] };
const asked: number[] = [];
const answers = async (port: number) => {
  asked.push(port);
  return true;
};

test('the ports of a running cluster are those that it was created with, not those in the settings', async () => {
  expect(publishedPorts(running.nodes)).toEqual({
    http: 80,
    https: 443,
    postgres: 15432,
    temporal: 17233,
    registry: 5111,
  });
  const checks = await networkChecks('linux', running, settings, pins, answers);
  expect(checks).toEqual([
    { name: 'ports', ok: true, detail: '5111, 80, 443, 15432, 17233 of 127.0.0.1: published by the cluster' },
    { name: 'registry', ok: true, detail: 'answers on 127.0.0.1:5111' },
  ]);
  expect(asked).toEqual([5111]);
});

test('without one they are those in the settings that it cannot do without', async () => {
  const [check] = await networkChecks('linux', nothing, settings, pins, answers);
  expect(check?.detail).toBe('8080, 25432, 17233, 5222 of 127.0.0.1: free');
  expect(portsOf(settingsSchema.parse({ ports: { https: 8443 } }))).not.toHaveProperty('https');
  const [taken] = await networkChecks('linux', { ...nothing, taken: [8080] }, settings, pins, answers);
  expect(taken).toMatchObject({ ok: false, fix: 'stop that program, or set `ports.http` in the settings' });
});

test('the ports of a stopped one are not reported as published, and another setting is no help', async () => {
  const checks = await networkChecks('linux', stopped, settings, pins, answers);
  expect(checks).toMatchObject([
    { name: 'ports', ok: true, detail: expect.stringContaining('part of which is not running') },
  ]);
  const [taken] = await networkChecks('linux', { ...stopped, taken: [80] }, settings, pins, answers);
  expect(taken).toMatchObject({ ok: false, fix: 'stop that program, then run `wt cluster start`' });
});

test("no port of another's cluster is reported as ours", async () => {
  const nodes = [{ ...server, labels: { app: 'k3d', 'k3d.cluster': 'coppice' } }];
  expect(await networkChecks('linux', { nodes, taken: [] }, settings, pins, answers)).toMatchObject([
    { name: 'cluster', ok: false, detail: expect.stringContaining('not created by coppice') },
  ]);
});
