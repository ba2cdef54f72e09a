import { dependenciesOf, type Folder, fromTop, textIn } from './folder.ts';

/** A language whose lists of packages are read; `other` is Go and the JVM. */
export type ListedLanguage = 'javascript' | 'python' | 'ruby' | 'other';

export interface ListedPackage {
  readonly name: string;
  /** Relative to the top. */
  readonly file: string;
}

const lists: Readonly<Record<Exclude<ListedLanguage, 'javascript'>, readonly string[]>> = {
  python: ['requirements.txt', 'pyproject.toml', 'Pipfile'],
  ruby: ['Gemfile'],
  other: ['go.mod', 'pom.xml', 'build.gradle', 'build.gradle.kts'],
};

/** The first of some packages that a folder's app lists. */
export async function listedPackage(
  folder: Folder,
  language: ListedLanguage,
  names: readonly string[],
): Promise<ListedPackage | undefined> {
  if (language === 'javascript') {
    const name = names.find((one) => dependenciesOf(folder).has(one));
    return name === undefined ? undefined : { name, file: fromTop(folder, 'package.json') };
  }
  for (const file of lists[language]) {
    const lines = (await textIn(folder, file)).split('\n').filter((line) => !/^\s*(#|\/\/)/.test(line));
    const name = names.find((one) => lines.some((line) => asWord(one).test(line)));
    if (name !== undefined) return { name, file: fromTop(folder, file) };
  }
  return undefined;
}

/** `pg` is no part of `pgvector` or of `my-pg`. */
function asWord(name: string): RegExp {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(^|[\\s"'<>(:,])${escaped}($|[\\s"'<>=~!;,\\[:)])`, 'i');
}
