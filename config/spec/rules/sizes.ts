import type { Path } from '../../yaml/data.ts';
import type { Finding } from '../../yaml/document.ts';
import { processesOf, type WrittenProcess } from './processes.ts';
import { type Rule, value } from './rule.ts';

/**
 * Linux takes 131,072 bytes for one argument or variable (MAX_ARG_STRLEN, execve(2)), its name and end included; what
 * references insert needs some of it.
 */
const longestText = 120_000;
/** Etcd takes 1.5 MiB for one object (https://etcd.io/docs/v3.6/dev-guide/limit/), and JSON can double a text. */
const longestProcess = 500_000;

/** How much text a process can be given. */
export const sizeRules: readonly Rule[] = [
  {
    name: 'arguments and variables fit a process',
    check: ({ spec }) => processesOf(spec).flatMap(tooLong),
  },
];

function tooLong({ place, what, command, env = {} }: WrittenProcess): Finding[] {
  const words: (readonly [Path, string])[] =
    command === undefined ? [] : wordsOf([...place, 'command'], command);
  const variables = Object.entries(env).map(
    ([name, content]) => [[...place, 'env', name], `${name}=${content}`] as const,
  );
  const found = [...words, ...variables].map(([path, content]) => ({
    path,
    bytes: Buffer.byteLength(content),
  }));
  const each = found.filter(({ bytes }) => bytes > longestText);
  if (each.length > 0) return each.map(({ path, bytes }) => tooLongFinding(path, bytes));
  const total = found.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= longestProcess) return [];
  return [
    value(
      place,
      `the arguments and variables of ${what} have ${total} bytes, and Kubernetes has room for ${longestProcess}`,
      inFile,
    ),
  ];
}

function wordsOf(place: Path, command: string | readonly string[]): (readonly [Path, string])[] {
  if (typeof command === 'string') return [[place, command]];
  return command.map((word, index) => [[...place, index], word] as const);
}

function tooLongFinding(path: Path, bytes: number): Finding {
  return value(
    path,
    `this has ${bytes} bytes, and a process can be given ${longestText} in one text`,
    inFile,
  );
}

const inFile = 'write it to a file, and let the process read that';
