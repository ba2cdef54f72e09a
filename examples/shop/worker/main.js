import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { openPool, sessions } from '../shared/pool.js';
import { taskQueue } from '../shared/task-queue.js';
import { workerTracing } from '../shared/tracing.js';
import { orderActivities } from './activities.js';
// Runs in Temporal's sandbox only. Imported here too because `node --watch` follows imports.
import './workflows.js';

const {
  DATABASE_URL,
  TEMPORAL_ADDRESS: address,
  TEMPORAL_NAMESPACE: namespace,
  METRICS_ADDRESS = '0.0.0.0:9464',
} = process.env;

let working = false;
let ending = false;
process.on('SIGTERM', () => {
  console.log('worker ends');
  ending = true;
  // A worker that runs is told by the SDK, and ends what it has begun.
  if (!working) process.exit(0);
});

Runtime.install({
  logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
    console.error([level, message, meta?.error?.message].filter(Boolean).join(': '));
  }),
  // The same port for every worktree: each pod has an address of its own.
  telemetryOptions: { metrics: { prometheus: { bindAddress: METRICS_ADDRESS } } },
});

const pool = openPool(DATABASE_URL, 'shop worker');
const workflowsPath = fileURLToPath(new URL('workflows.js', import.meta.url));

async function work() {
  const connection = await NativeConnection.connect({ address });
  try {
    const worker = await Worker.create({
      ...{ connection, namespace, taskQueue, workflowsPath },
      activities: orderActivities(pool),
      // Each needs a session: of more at once the rest would only wait until their time is over.
      maxConcurrentActivityTaskExecutions: sessions,
      ...(await workerTracing()),
      // A pod has two seconds to end.
      ...{ shutdownGraceTime: '1 second', shutdownForceTime: '1500 ms' },
    });
    working = true;
    console.log(`worker takes orders of ${namespace}`);
    await worker.run();
  } finally {
    working = false;
    await connection.close();
  }
}

// `node --watch` starts an ended process again at the next edit only, so this one waits for Temporal itself.
for (let said = ''; !ending; ) {
  try {
    await work();
  } catch ({ message }) {
    if (ending) break;
    if (message !== said) console.error(`worker cannot work, and tries again: ${message}`);
    said = message;
    await pause(2000);
  }
}
await pool.end();
