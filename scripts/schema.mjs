// Writes schema/coppice.schema.json from config/spec/schema/spec.ts, and those of documents from cli/ui/*/schema.ts: `node scripts/schema.mjs`; --check only compares.
import { generate, importTypeScript } from './generated.mjs';

const { specJsonSchema } = await importTypeScript('config/spec/schema/json-schema.ts');
const { listJsonSchema } = await importTypeScript('cli/ui/list/schema.ts');
const { logsJsonSchema } = await importTypeScript('cli/ui/logs/schema.ts');
const { errorsJsonSchema } = await importTypeScript('cli/ui/failures/schema.ts');
const { telemetryJsonSchemas } = await importTypeScript('cli/ui/telemetry/schema.ts');
generate('schema/coppice.schema.json', `${JSON.stringify(specJsonSchema(), null, 2)}\n`, 'schema.mjs');
generate('schema/list.schema.json', `${JSON.stringify(listJsonSchema(), null, 2)}\n`, 'schema.mjs');
generate('schema/logs.schema.json', `${JSON.stringify(logsJsonSchema(), null, 2)}\n`, 'schema.mjs');
generate('schema/errors.schema.json', `${JSON.stringify(errorsJsonSchema(), null, 2)}\n`, 'schema.mjs');
for (const [name, schema] of Object.entries(telemetryJsonSchemas()))
  generate(`schema/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`, 'schema.mjs');
