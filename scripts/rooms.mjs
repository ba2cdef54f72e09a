// Writes the two tables of docs/architecture.md from rooms.json: `node scripts/rooms.mjs`; --check only compares.
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

const { floors, folders } = Object.fromEntries(rooms).app;

/** Folders of one floor that do the same share a row; a file has none. */
function floorRows(names, floor) {
  const shown = names.filter((name) => folders[name] !== undefined);
  return [...new Set(shown.map((name) => folders[name]))].map((does) => {
    const same = shown.filter((name) => folders[name] === does).map((name) => `\`${name}/\``);
    return `| ${floor + 1} | ${same.join(', ')} | ${does} |`;
  });
}

const floorTable = ['| floor | folder | what it does |', '|---|---|---|', ...floors.flatMap(floorRows)].join(
  '\n',
);
generatePart('docs/architecture.md', 'floors', floorTable, 'rooms.mjs');
