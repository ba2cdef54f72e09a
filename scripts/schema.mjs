// Writes schema/coppice.schema.json from config/spec/schema/spec.ts, and schema/list.schema.json from cli/ui/list/schema.ts: `node scripts/schema.mjs`; --check only compares.
import { generate, importTypeScript } from './generated.mjs';

const { specJsonSchema } = await importTypeScript('config/spec/schema/json-schema.ts');
const { listJsonSchema } = await importTypeScript('cli/ui/list/schema.ts');
generate('schema/coppice.schema.json', `${JSON.stringify(specJsonSchema(), null, 2)}\n`, 'schema.mjs');
generate('schema/list.schema.json', `${JSON.stringify(listJsonSchema(), null, 2)}\n`, 'schema.mjs');
