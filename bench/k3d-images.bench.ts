import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { promisify } from 'node:util';
import { importArchives } from '../cluster/drivers/k3d/images.ts';
import { assemble, assembledName } from '../cluster/images/assemble.ts';
import { catalogueEntry } from '../cluster/images/catalogue.ts';
import { silent } from '../core/progress.ts';
import { wtOk } from '../test/e2e/harness.ts';
import { docker, k3dProgram, prepareWt } from '../test/k3d/harness.ts';
import { ensurePrograms } from '../toolchain/toolchain.ts';
import { median, report, timed } from './measure.ts';

const execute = promisify(execFile);
const runs = 5;
const names = ['traefik', 'node', 'postgres'] as const;
const server = 'k3d-coppice-server-0';
const crane = process.env.COPPICE_TEST_CRANE ?? 'crane';

await prepareWt();
await wtOk(['cluster', 'start']);

/** In the node, as nothing of an image may be there at the next import. */
async function forget(reference: string): Promise<void> {
  await docker('exec', server, 'ctr', 'images', 'rm', '--sync', reference);
}

const series: Record<string, { unit: 'ms'; runs: number[] }> = {};
const sizes: Record<string, number> = {};
for (const name of names) {
  const { recipe } = catalogueEntry(name);
  if (recipe === undefined) continue;
  const layout = await recipe.layout(await ensurePrograms(recipe.programs, { progress: silent }));
  const image = await assembledName(name, layout);
  await assemble(image, layout);
  sizes[name] = statSync(image.archive).size / 1e6;
  await forget(image.reference);
  const imported: number[] = [];
  const pulled: number[] = [];
  for (let run = 0; run < runs; run++) {
    imported.push(await timed(() => importArchives(k3dProgram(), 'coppice', [image.archive])));
    await forget(image.reference);
    // Its own tag: as for a new image, the earlier registry must not have the layers already.
    const path = `${name}-${run}`;
    const there = `coppice-registry:5111/${path}:1`;
    pulled.push(
      await timed(async () => {
        await execute(crane, ['push', '--insecure', image.archive, `127.0.0.1:5111/${path}:1`]);
        await docker('exec', server, 'ctr', 'images', 'pull', '--plain-http', there);
      }),
    );
    await forget(there);
  }
  series[`${name}: k3d image import`] = { unit: 'ms', runs: imported };
  series[`${name}: registry, push and pull`] = { unit: 'ms', runs: pulled };
}
await wtOk(['cluster', 'reset', '--yes']);

report({
  name: 'k3d-images',
  method:
    '`k3d image import --mode direct` of an assembled image, against a push to the registry of the cluster and a pull by the node; alternating, with nothing of the image in node or registry before. Node and registry are stand-ins: upstream containerd, and a registry that keeps all in memory.',
  series,
  reach: [],
  details: {
    megabytes: sizes,
    ratios: Object.fromEntries(
      names.map((name) => [
        name,
        median(series[`${name}: k3d image import`]?.runs ?? []) /
          median(series[`${name}: registry, push and pull`]?.runs ?? []),
      ]),
    ),
  },
});
