import { expect, test } from 'vitest';
import { chooseDriver, type MachineFacts, type Selection, selectDriver } from '../../../../cluster/select.ts';
import { settingsSchema } from '../../../../config/settings/settings.ts';
import { silent } from '../../../../core/progress.ts';

const settings = (value: object = {}) => settingsSchema.parse(value);
const engine = { answers: true, id: 'FFCL', system: 'Docker Desktop', version: '28.5.2' } as const;
const stoppedEngine = { answers: false, error: 'Is the docker daemon running?' } as const;
const machine = (platform: NodeJS.Platform, docker: Awaited<ReturnType<MachineFacts['engine']>>) => ({
  platform,
  engine: async () => docker,
});
const linux = machine('linux', undefined);
const unasked: MachineFacts = {
  platform: 'linux',
  engine: () => {
    throw new Error('nobody has to ask Docker');
  },
};
const choose = (selection: Partial<Selection>) =>
  chooseDriver({ settings: settings(), machine: linux, ...selection });

test('the flag comes first, then the settings, then the existing cluster, then the machine', async () => {
  const existing = settings({ driver: 'existing', existing: { context: 'kind' } });
  const all = { settings: existing, flag: 'k3d', recorded: 'embedded', machine: unasked } as const;
  expect(await choose(all)).toMatchObject({ name: 'k3d' });
  expect(await choose({ settings: existing, recorded: 'embedded', machine: unasked })).toMatchObject({
    name: 'existing',
  });
  expect(await choose({ recorded: 'embedded', machine: unasked })).toMatchObject({ name: 'embedded' });
  expect(await choose({ machine: machine('linux', engine) })).toMatchObject({ name: 'k3d' });
});

test('a Docker that was started later does not replace the existing cluster', async () => {
  const choice = await choose({ recorded: 'embedded', machine: machine('linux', engine) });
  expect(choice).toEqual({ name: 'embedded', reason: 'the cluster that you have is embedded' });
});

test("choosing a driver other than the existing cluster's is reported", async () => {
  expect((await choose({ flag: 'k3d', recorded: 'embedded' })).reason).toContain(
    'the cluster that was started last is embedded',
  );
  expect((await choose({ flag: 'k3d', recorded: 'k3d' })).reason).toBe('--driver k3d was given');
});

test('a named context selects the existing cluster by itself', async () => {
  const choice = await choose({ settings: settings({ existing: { context: 'kind' } }), machine: unasked });
  expect(choice).toEqual({ name: 'existing', reason: 'the settings name the context kind' });
});

test('a Docker engine that answers selects k3d on every system', async () => {
  for (const platform of ['linux', 'darwin'] as const) {
    const choice = await choose({ machine: machine(platform, engine) });
    expect(choice).toEqual({ name: 'k3d', reason: 'Docker answers here (Docker Desktop)' });
  }
});

test('on Linux an absent or silent Docker selects embedded, and the reason tells which', async () => {
  expect((await choose({ machine: linux })).reason).toContain('there is no Docker');
  expect(await choose({ machine: machine('linux', stoppedEngine) })).toEqual({
    name: 'embedded',
    reason: 'on Linux Kubernetes runs without Docker, and Docker does not answer',
  });
});

test('on macOS a silent Docker is still selected, as the driver reports what to do', async () => {
  expect(await choose({ machine: machine('darwin', stoppedEngine) })).toMatchObject({ name: 'k3d' });
});

test('without Linux and Docker the message says what to do', async () => {
  await expect(choose({ machine: machine('darwin', undefined) })).rejects.toMatchObject({
    code: 'COPPICE_NO_DRIVER',
    hint: expect.stringMatching(/Docker Desktop or colima.*existing: \{context: NAME\}/),
  });
});

test('every driver is available', async () => {
  for (const driver of ['embedded', 'k3d'] as const) {
    const context = { settings: settings({ driver }), progress: silent };
    expect((await selectDriver(context)).driver.name).toBe(driver);
  }
});

test('existing without a context names the setting that is missing', async () => {
  const context = { settings: settings({ driver: 'existing' }), progress: silent };
  await expect(selectDriver(context)).rejects.toMatchObject({ code: 'COPPICE_NO_CONTEXT' });
});
