import { type Format, formatFor } from './accept.ts';
import type { Link, List, Page } from './page.ts';

export interface Rendered {
  readonly type: string;
  readonly body: string;
}

const types: Readonly<Record<Format, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  text: 'text/plain; charset=utf-8',
};

/** A page as the client wants it. */
export function render(page: Page, accept: string | undefined): Rendered {
  const format = formatFor(accept);
  return { type: types[format], body: `${bodies[format](page)}\n` };
}

const bodies: Readonly<Record<Format, (page: Page) => string>> = { html, json, text };

function json(page: Page): string {
  return JSON.stringify(page.json, null, 2);
}

/** As `wt` writes it in a terminal. */
function text({ kind, title, facts, commands, lists }: Page): string {
  const listed = ({ title, items }: List) => [
    `  ${title.toLowerCase()}:`,
    ...table(items.map(({ name, url }) => (name === undefined ? [url] : [name, url]))),
  ];
  return [
    visible(kind === 'overview' ? title : `error: ${title}`),
    ...table(facts.map(({ name, value }) => [name, value])),
    ...lists.flatMap(listed),
    '  try:',
    ...table(commands.map(({ line, why }) => [line, why])),
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(0, ...rows.map(([first = '', second]) => (second === undefined ? 0 : first.length)));
  return rows.map(([first = '', second]) =>
    visible(second === undefined ? `    ${first}` : `    ${first.padEnd(width)}  ${second}`),
  );
}

/** A terminal would obey what a host or a line of a log contains. */
function visible(line: string): string {
  return line.replace(/\p{Cc}/gu, '');
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 44rem; margin: 10vh auto; padding: 0 1rem }
h1 { font-size: 1.25rem; overflow-wrap: anywhere }
h2 { font-size: 1rem; margin-top: 2rem }
dl, .commands { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem }
dt, footer { opacity: .7 }
dd { margin: 0; overflow-wrap: anywhere }
code { font: .9em ui-monospace, monospace }
footer { margin-top: 3rem; font-size: .85rem }`;

function html({ title, facts, commands, lists, refresh }: Page): string {
  const rows = facts.map(({ name, value }) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`);
  const typed = commands.map(
    ({ line, why }) => `<dt><code>${escaped(line)}</code></dt><dd>${escaped(why)}</dd>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    ...(refresh === undefined ? [] : [`<meta http-equiv="refresh" content="${refresh}">`]),
    `<title>${escaped(title)}</title>`,
    `<style>${style}\n</style>`,
    '</head>',
    '<body>',
    `<h1>${escaped(title)}</h1>`,
    ...(rows.length === 0 ? [] : ['<dl>', ...rows, '</dl>']),
    ...lists.flatMap(htmlList),
    '<h2>What to type</h2>',
    '<dl>',
    ...typed,
    '</dl>',
    '<footer>Coppice answers here, not the app.</footer>',
    '</body>',
    '</html>',
  ].join('\n');
}

function htmlList({ title, items }: List): string[] {
  return [`<h2>${escaped(title)}</h2>`, '<ul>', ...items.map(htmlLink), '</ul>'];
}

function htmlLink({ name, url }: Link): string {
  return `<li><a href="${escaped(url)}">${escaped(name ?? url)}</a></li>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
