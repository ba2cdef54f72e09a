import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import type { Verb } from '../../../cli/define.ts';
import { verbGroups, verbs } from '../../../cli/verbs/index.ts';

const root = join(import.meta.dirname, '../../..');
const rooms = Object.keys(JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')));
/** Flags that every verb takes. */
const everywhere = ['--json', '--timings', '-v', '--verbose', '-q', '--quiet', '-h', '--help', '--version'];
/** Words that follow `wt` where prose is about `wt` itself. */
const prose = ['is', 'has', 'that'];

const filesIn = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(root, folder, file));

/** Texts of a source file: its strings, without interpolated values, and the lines that verbLine builds. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    if (ts.isTemplateExpression(node))
      found.push(
        [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join('X'),
      );
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'verbLine')
      found.push(
        `wt ${node.arguments
          .flatMap((one) => (ts.isArrayLiteralExpression(one) ? [...one.elements] : [one]))
          .filter(ts.isStringLiteralLike)
          .map(({ text }) => text)
          .join(' ')}`,
      );
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

/** Commands that a text names, up to the end of the sentence or of the quotation. */
function commandsIn(text: string): string[] {
  return [
    ...text.matchAll(/(?<![\w./-])wt [a-z][^`\n;:,)]*?(?=[`\n;:,)]|\.(?:\s|$)|$| and wt | or wt )/g),
  ].map(([line]) => line);
}

const nameOf = ({ usage }: Verb) => usage.split(' ')[0];

/** Undefined for a command whose verb exists. */
function problemOf(command: string): string | undefined {
  const [, first = '', second = ''] = command.split(/\s+/);
  const group = verbGroups.find(({ name }) => name === first);
  // A text may name a whole group, and may interpolate its verb.
  if (group && ['', 'X'].includes(second)) return undefined;
  const found = group
    ? (group.verbs.find((verb) => nameOf(verb) === second) ??
      group.verbs.find((verb) => nameOf(verb) === group.usual))
    : verbs.find((verb) => nameOf(verb) === first);
  if (!found) return prose.includes(first) ? undefined : 'no such verb';
  const options = found.options?.flatMap(([flags]) => flags.match(/(?<![\w-])--?[a-z-]+/g) ?? []) ?? [];
  // Arguments after `--` are for another program.
  const [own = ''] = command.split(' -- ');
  const flags = own.match(/(?<=\s)--?[a-z][a-z-]*/g) ?? [];
  const unknown = flags.filter((flag) => ![...options, ...everywhere].includes(flag));
  return unknown.length > 0 ? `no such option: ${unknown.join(' ')}` : undefined;
}

const problemsIn = (texts: readonly string[]) =>
  texts.flatMap(commandsIn).flatMap((command) => {
    const problem = problemOf(command);
    return problem === undefined ? [] : [`${command}: ${problem}`];
  });

test.each(rooms)('every command that %s/ names is a verb with options that exist', (room) => {
  const texts = filesIn(room, '.ts').flatMap(textsOf);
  expect(problemsIn(texts)).toEqual([]);
});

test('every command that the docs name is a verb with options that exist', () => {
  const files = [join(root, 'README.md'), ...filesIn('docs', '.md')];
  const spans = files.flatMap((file) => readFileSync(file, 'utf8').match(/`wt [^`]*`/g) ?? []);
  expect(spans.length).toBeGreaterThan(100);
  expect(problemsIn(spans)).toEqual([]);
});

test('commands are found in text for people, and a wrong one is named', () => {
  expect(commandsIn('run `wt up`, or wt down feat-b --force; $ wt is quick')).toEqual([
    'wt up',
    'wt down feat-b --force',
    'wt is quick',
  ]);
  const texts = [
    'look: `wt logs --platform temporal`',
    'wt db undoo',
    'run `wt down feat --force`',
    'wt updown',
  ];
  expect(problemsIn(texts)).toEqual([
    'wt logs --platform temporal: no such option: --platform',
    'wt db undoo: no such verb',
    'wt updown: no such verb',
  ]);
});
