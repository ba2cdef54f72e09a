// One verb of the embedded driver in its own process, as under `wt cluster`: `driver-process VERB`, settings as JSON in
// COPPICE_TEST_SETTINGS. Programs are the real ones; the only image is the archive in COPPICE_TEST_ARCHIVE, under
// COPPICE_TEST_IMAGE.
import { leftovers } from '../../cluster/drivers/embedded/cleanup.ts';
import { embeddedDriver } from '../../cluster/drivers/embedded/index.ts';
import { layoutOf } from '../../cluster/drivers/embedded/layout.ts';
import { clusterPrograms } from '../../cluster/drivers/embedded/programs.ts';
import { existingDriver } from '../../cluster/drivers/existing.ts';
import { assertSameCluster } from '../../cluster/identity.ts';
import { settingsSchema } from '../../config/settings/settings.ts';
import { silent } from '../../core/progress.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';

const {
  COPPICE_TEST_SETTINGS: text = '{}',
  COPPICE_TEST_ARCHIVE: archive = '',
  COPPICE_TEST_IMAGE: image = '',
} = process.env;
const settings = settingsSchema.parse({ embedded: JSON.parse(text) });
const driver = embeddedDriver(
  { settings, progress: silent },
  {
    programs: () => clusterPrograms(silent),
    provideImages: async ({ importArchives, present }) => {
      if (!(await present()).includes(image)) await importArchives([archive]);
      return { pause: image };
    },
    policies: async () => undefined,
    mkfs: async () => (await ensurePrograms(['mkfs.xfs']))['mkfs.xfs'].path,
  },
);
/** The embedded driver's cluster, as a user sees it who only has its kubeconfig. */
const existing = () => {
  const { path: kubeconfig, context } = driver.kubeconfig();
  const asExisting = settingsSchema.parse({ existing: { context, kubeconfig, mountPath: '/host' } });
  return existingDriver({ settings: asExisting, progress: silent });
};
const verbs: Record<string, () => Promise<unknown>> = {
  leftovers: () => leftovers(layoutOf(settings.embedded)),
  'existing-start': () => existing().start(),
  'existing-status': () => existing().status(),
  'existing-stop': () => existing().stop(),
  'existing-reset': () => existing().reset(),
  'assert-same': async () => {
    const { path: kubeconfig, context } = driver.kubeconfig();
    await assertSameCluster({ kubeconfig, context, uid: process.argv[3] ?? '' });
  },
  start: () => driver.start(),
  stop: () => driver.stop(),
  status: () => driver.status(),
  reset: () => driver.reset(),
};
try {
  console.log(JSON.stringify((await verbs[process.argv[2] ?? '']?.()) ?? null));
} catch (error) {
  const { code, message, hint } = error as { code?: string; message?: string; hint?: string };
  console.log(JSON.stringify({ error: { code, message, hint } }));
  process.exitCode = 1;
}
