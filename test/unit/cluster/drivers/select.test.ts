import { expect, test } from 'vitest';
import { chooseDriver, selectDriver } from '../../../../cluster/select.ts';
import { settingsSchema } from '../../../../config/settings.ts';
import { silent } from '../../../../toolchain/progress.ts';

const settings = (value: object = {}) => settingsSchema.parse(value);

test('the settings come before the machine', () => {
  const both = settings({ driver: 'existing', existing: { context: 'kind' } });
  expect(chooseDriver({ settings: both, platform: 'linux' })).toMatchObject({ name: 'existing' });
  expect(chooseDriver({ settings: settings(), platform: 'linux' })).toMatchObject({ name: 'embedded' });
});

test('a named context chooses the existing cluster by itself', () => {
  const choice = chooseDriver({ settings: settings({ existing: { context: 'kind' } }), platform: 'darwin' });
  expect(choice).toEqual({ name: 'existing', reason: 'the settings name the context kind' });
});

test('away from Linux and without settings the message says what can be done', () => {
  expect(() => chooseDriver({ settings: settings(), platform: 'darwin' })).toThrow(
    expect.objectContaining({
      code: 'COPPICE_NO_DRIVER',
      hint: expect.stringContaining('existing: {context: NAME}'),
    }),
  );
});

test('k3d is refused honestly', async () => {
  const context = { settings: settings({ driver: 'k3d' }), progress: silent };
  await expect(selectDriver(context)).rejects.toMatchObject({
    code: 'COPPICE_NO_DRIVER',
    message: expect.stringContaining('k3d'),
  });
});

test('existing without a context names the setting that is missing', async () => {
  const context = { settings: settings({ driver: 'existing' }), progress: silent };
  await expect(selectDriver(context)).rejects.toMatchObject({ code: 'COPPICE_NO_CONTEXT' });
});
