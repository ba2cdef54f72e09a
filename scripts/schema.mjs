// Writes schema/coppice.schema.json from config/spec/schema/spec.ts: `node scripts/schema.mjs`; --check only compares.
import { generate, importTypeScript } from './generated.mjs';

const { specJsonSchema } = await importTypeScript('config/spec/schema/json-schema.ts');
generate('schema/coppice.schema.json', `${JSON.stringify(specJsonSchema(), null, 2)}\n`, 'schema.mjs');
