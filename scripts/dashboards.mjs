// Writes dashboards/ from platform/grafana/, for Grafanas of your own: `node scripts/dashboards.mjs`; --check only
// compares.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generate, importTypeScript, root } from './generated.mjs';

const { checkedInFiles } = await importTypeScript('platform/grafana/checked-in.ts');
for (const { path, text } of checkedInFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  generate(path, text, 'dashboards.mjs');
}
