import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const rooms = Object.keys(JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')));

/** Properties whose text is shown as what to do next. */
const advice = ['hint', 'fix', 'next'];
/** Words that begin with a capital wherever they stand. */
const alwaysCapital =
  /^(?:[A-Z]{2}|Docker|Linux|OrbStack|PostgreSQL|Pulumi|Temporal|Kubernetes|Rancher|Go\b)/;
/** What a native engineer does not write: CONTRIBUTING.md says what instead. */
const unidiomatic =
  /\b(?:(?:can|could|cannot|is|are|to) (?:not )?be had|is had|anew|of (?:before|today)|as it should be|half-made|half-finished|meanwhile)\b/;

const filesIn = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));

interface Text {
  readonly text: string;
  /** The property that it stands in, with nothing between but `?:`, `??` and parentheses. */
  readonly property: string | undefined;
}

function textsIn(file: string): Text[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: Text[] = [];
  const look = (node: ts.Node, property: string | undefined): void => {
    if (ts.isStringLiteralLike(node)) found.push({ text: node.text, property });
    if (ts.isTemplateExpression(node)) {
      const parts = [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text);
      found.push({ text: parts.join('\u2026'), property });
    }
    const inside = ts.isPropertyAssignment(node) ? node.name.getText(source) : property;
    const passesOn =
      ts.isPropertyAssignment(node) || ts.isConditionalExpression(node) || ts.isParenthesizedExpression(node);
    ts.forEachChild(node, (child) => look(child, passesOn ? inside : undefined));
  };
  look(source, undefined);
  return found;
}

test.each(rooms)('what %s/ advises begins lower case and ends without a full stop', (room) => {
  const wrong = filesIn(room, '.ts').flatMap((file) =>
    textsIn(file)
      .filter(({ property }) => property !== undefined && advice.includes(property))
      .filter(({ text }) => (/^[A-Z]/.test(text) && !alwaysCapital.test(text)) || /[^.]\.$/.test(text))
      .map(({ text }) => `${file}: ${text}`),
  );
  expect(wrong).toEqual([]);
});

test.each(rooms)('what %s/ says is idiomatic', (room) => {
  const wrong = filesIn(room, '.ts').flatMap((file) =>
    textsIn(file)
      .filter(({ text }) => / /.test(text) && unidiomatic.test(text))
      .map(({ text }) => `${file}: ${text}`),
  );
  expect(wrong).toEqual([]);
});

test('what the docs say is idiomatic', () => {
  const wrong = ['README.md', 'CONTRIBUTING.md', ...filesIn('docs', '.md')].flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      // A glossary names what it replaces.
      .filter((line) => !line.startsWith('|') || file !== 'CONTRIBUTING.md')
      .filter((line) => unidiomatic.test(line))
      .map((line) => `${file}: ${line}`),
  );
  expect(wrong).toEqual([]);
});
