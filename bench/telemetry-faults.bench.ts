import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { edit, eventually, get, Repository, wt } from '../test/e2e/harness.ts';
import { report } from './measure.ts';
import { type Fault, type FaultyShop, faults, orders } from './shop-faults.ts';

/**
 * What `wt errors` and `wt doctor` say of mistakes in the shop. `COPPICE_BENCH_FAULTS=slow-query,deadlock` seeds those
 * alone and records nothing.
 */

/** Time that a fault has to be named, from when it is in the worktree. */
const PATIENCE_MS = 90_000;

interface Named {
  readonly fault: string;
  readonly kind: string;
  readonly made: string;
  readonly named: boolean;
  readonly by?: string;
  /** The line that named it, or the whole answer that did not. */
  readonly said: string;
  /** From its seed to the answer. */
  readonly seconds: number;
}

const only = process.env.COPPICE_BENCH_FAULTS?.split(',');
const wanted = faults.filter(({ name }) => only?.includes(name) ?? true);
const repository = new Repository({ temporal: true });
const shop: FaultyShop = { repository, host: 'main.shop.localhost' };
const here = { cwd: repository.top };

/** The shop with telemetry and enough of everything, committed. */
function prepare(): void {
  edit(join(repository.top, 'coppice.yaml'), /^# (telemetry: \{ instrument: \[node\] \}).*$/m, '$1');
  edit(join(repository.top, 'db/seed.sql'), '1200, 20', '1200, 1000');
  repository.commit('Be traced');
}

let releases = 0;

/** The committed worktree again, up and answering. Each is a release, so that `wt errors` begins anew. */
async function whole(): Promise<void> {
  // Into the same file: `node --watch` never looks at one again that was replaced.
  for (const file of repository.git('diff', '--name-only').split('\n').filter(Boolean))
    writeFileSync(join(repository.top, file), `${repository.git('show', `HEAD:${file}`)}\n`);
  repository.git('clean', '--quiet', '-fd', 'api', 'db', 'shared', 'web', 'worker');
  releases += 1;
  const spec = join(repository.top, 'coppice.yaml');
  edit(spec, /^ {6}API_URL: .*$/m, `$&\n      RELEASE: "${releases}"`);
  await eventually('the shop is up', async () => {
    if ((await wt(['up'], here)).code !== 0) return undefined;
    const answers = [await get(shop.host), await get(shop.host, '/api/orders')];
    return answers.every(({ status }) => status === 200) || undefined;
  });
}

async function nameOf(fault: Fault): Promise<Named> {
  const began = performance.now();
  await fault.seed(shop);
  if (fault.up) await wt(['up'], here);
  const seeded = performance.now();
  const verb = fault.asked ?? 'errors';
  let said = '';
  let line: string | undefined;
  do {
    await fault.trigger?.(shop);
    said = (await wt([verb], here)).stdout;
    line = said.split('\n').find((one) => fault.names.test(one));
  } while (line === undefined && performance.now() - seeded < PATIENCE_MS);
  return {
    fault: fault.name,
    kind: fault.kind,
    made: fault.made,
    named: line !== undefined,
    ...(line !== undefined && { by: `wt ${verb}` }),
    said: line?.trim() ?? said,
    seconds: (performance.now() - began) / 1000,
  };
}

const results: Named[] = [];
prepare();
try {
  await whole();
  await orders(shop);
  for (const fault of wanted) {
    const result = await nameOf(fault);
    fault.undo?.();
    results.push(result);
    console.log(
      `${result.named ? 'named ' : 'MISSED'} ${fault.name} ${result.seconds.toFixed(0)} s: ${result.said}`,
    );
    await whole();
  }
} finally {
  await wt(['down'], here);
  repository.remove();
}

const named = results.filter((one) => one.named).length;
console.log(`${named} of ${results.length} named`);
if (only === undefined)
  report({
    name: 'telemetry-faults',
    method: `${faults.length} mistakes in examples/shop with telemetry, one after the other in one environment: each is put into the worktree, brought up by \`wt up\` or \`node --watch\`, brought to light by a request or an order, and undone. It is named if a line of the default answer of \`wt errors\`, or of \`wt doctor\` where the table says so, matches an expression that was written before the answer was seen: the file and line, table, variable, service, port or package, within ${PATIENCE_MS / 1000} s.`,
    series: {
      'until it was named': { unit: 's', runs: results.filter((one) => one.named).map((one) => one.seconds) },
    },
    reach: [
      { what: 'not named', value: results.length - named, bound: Math.floor((2 * results.length) / 30) },
    ],
    details: results,
  });
