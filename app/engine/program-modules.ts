import { readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import { readIfPresent } from '../../core/files.ts';

/** This package, in what a program imports. */
const ourPackage = 'coppice';
/** More files than a program about environments has before it names this package. */
const MOST_FILES = 200;

/**
 * Whether a program creates environments: it, or a file of the repository that it imports, imports `environment` from
 * this package. Only reads files, so that a program about anything else never runs.
 */
export async function isAboutEnvironments(entry: string): Promise<boolean> {
  const waiting = [entry];
  const seen = new Set<string>();
  for (let file = waiting.shift(); file !== undefined && seen.size < MOST_FILES; file = waiting.shift()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const modules = modulesOf(await readFile(file, 'utf8'));
    if (modules.environment) return true;
    const found = await Promise.all(modules.imported.map((name) => moduleFile(name, file)));
    waiting.push(...found.flatMap((one) => one ?? []));
  }
  return false;
}

interface Modules {
  /** It imports this package and names `environment`. */
  readonly environment: boolean;
  /** What else it imports, as written. */
  readonly imported: readonly string[];
}

/**
 * What a JavaScript or TypeScript text imports. Comments and other texts do not count.
 *
 * @internal Exported for its test, which passes programs in.
 */
function modulesOf(program: string): Modules {
  const { code, texts } = withoutTexts(program);
  const named = (pattern: RegExp) =>
    [...code.matchAll(pattern)].map(([, index]) => texts[Number(index)] ?? '');
  const names = named(imports);
  const whole = named(passedOn).includes(ourPackage);
  return {
    environment: whole || (names.includes(ourPackage) && /\benvironment\b/.test(code)),
    imported: [...new Set(names)].filter((name) => name !== ourPackage),
  };
}

/** Texts are numbered in `«»`, as {@link withoutTexts} writes them. */
const imports = /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*«(\d+)»/g;
/** These pass `environment` on without naming it. */
const passedOn = /(?:\bexport\s*\*[^;«]*|\bexports\s*=\s*require\s*\(\s*)«(\d+)»/g;
const typeImports = /\b(?:import|export)\s+type\b[^;«]*«\d+»/g;

interface Code {
  readonly code: string;
  readonly texts: readonly string[];
}

/** A program without comments, with a number for each text: what a comment or a text says is no code. */
function withoutTexts(program: string): Code {
  const texts: string[] = [];
  const code = program.replace(
    /(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*$/gm,
    (match, single?: string, double?: string) =>
      match.startsWith('/') ? ' ' : `«${texts.push(single ?? double ?? '') - 1}»`,
  );
  return { code: code.replace(typeImports, ''), texts };
}

/** The file that an import means; undefined for a package of others, whose code is not the team's. */
async function moduleFile(name: string, from: string): Promise<string | undefined> {
  if (name.startsWith('.') || name.startsWith('/')) return programFile(resolve(dirname(from), name));
  try {
    const file = await realpath(createRequire(from).resolve(name));
    // A workspace's own packages are links out of node_modules.
    return file.includes(`${sep}node_modules${sep}`) || !file.startsWith(sep) ? undefined : file;
  } catch {
    return undefined;
  }
}

const extensions = ['js', 'cjs', 'mjs', 'ts', 'cts', 'mts'];

/** The file of a program or module: as named, with an extension, or the folder's index. */
export async function programFile(main: string): Promise<string | undefined> {
  const asTypeScript = main.replace(/\.([cm]?)js$/, '.$1ts');
  const manifest = await readIfPresent(join(main, 'package.json')).catch(() => undefined);
  const candidates = [
    main,
    asTypeScript,
    ...extensions.map((extension) => `${main}.${extension}`),
    ...(manifest === undefined ? [] : mainsOf(main, manifest)),
    ...extensions.map((extension) => join(main, `index.${extension}`)),
  ];
  for (const file of candidates) {
    const text = await readIfPresent(file).catch(() => undefined);
    if (text !== undefined) return file;
  }
  return undefined;
}

/** Pulumi runs a folder as Node does: `main` of its package.json comes before index.js. */
function mainsOf(folder: string, manifest: string): string[] {
  try {
    const { main } = JSON.parse(manifest) as { readonly main?: unknown };
    return typeof main === 'string'
      ? [join(folder, main), ...extensions.map((one) => `${join(folder, main)}.${one}`)]
      : [];
  } catch {
    return [];
  }
}
