// Writes the table of docs/architecture.md from rooms.json: `node scripts/rooms.mjs`; --check only compares.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatePart, root } from './generated.mjs';

const rooms = Object.entries(JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')));

function importsOf(imports, at) {
  if (imports.length === 0) return '-';
  // No room imports the policies: the engine loads them by itself.
  const below = rooms.slice(at + 1).flatMap(([name]) => (name === 'policies' ? [] : [name]));
  return below.every((name) => imports.includes(name)) && imports.length > 2
    ? 'all below'
    : imports.join(', ');
}

const rows = rooms.map(
  ([name, { holds, imports }], at) => `| \`${name}/\` | ${holds} | ${importsOf(imports, at)} |`,
);
const table = ['| folder | what lives there | may import |', '|---|---|---|', ...rows].join('\n');
generatePart('docs/architecture.md', 'rooms', table, 'rooms.mjs');
