import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The SDK is no dependency of ours: the example brings it. */
const example = join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'shop');
const { NativeConnection, Worker } = createRequire(join(example, 'package.json'))('@temporalio/worker');

class CardDeclined extends Error {
  name = 'CardDeclined';
}

const [address, namespace] = process.argv.slice(2);
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue: 'orders',
  identity: 'real worker',
  workflowsPath: join(import.meta.dirname, 'workflows.cjs'),
  bundlerOptions: {
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, modules: [join(example, 'node_modules')] },
    }),
  },
  activities: {
    reserve: async () => {},
    charge: async () => {
      throw new CardDeclined('the card was declined');
    },
  },
});
await worker.run();
