import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

Runtime.install({ logger: new DefaultLogger('ERROR') });

// An order that was shipped after its charge had failed once: `temporal workflow show --output json`.
const recorded = JSON.parse(readFileSync(new URL('order.history.json', import.meta.url), 'utf8'));
const workflowsPath = fileURLToPath(new URL('workflows.js', import.meta.url));

test('orders that are under way can go on with the workflow as it is now', async () => {
  await assert.doesNotReject(Worker.runReplayHistory({ workflowsPath }, recorded));
});
