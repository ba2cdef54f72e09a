import Module from 'node:module';

/** An instrumentation, and the packages that it is for. */
export interface Lazy<Instrumentation> {
  readonly packages: readonly string[];
  readonly load: () => Instrumentation;
}

/** What require() and an import of CommonJS both call; the type of node:module does not show it. */
interface Loader {
  _load(request: string, ...rest: unknown[]): unknown;
}

/**
 * Makes each instrumentation when the app first loads one of its packages: each costs some milliseconds at start, and an
 * app has few of them.
 */
export function lazily<Instrumentation>(
  table: readonly Lazy<Instrumentation>[],
  register: (made: Instrumentation) => void,
): void {
  const waiting = new Map(table.flatMap((lazy) => lazy.packages.map((name) => [name, lazy] as const)));
  const loader = Module as unknown as Loader;
  const inner = loader._load;
  loader._load = function (request, ...rest) {
    wake(packageOf(request));
    return inner.call(this, request, ...rest);
  };

  function wake(name: string | undefined): void {
    const lazy = name === undefined ? undefined : waiting.get(name);
    if (lazy === undefined) return;
    for (const other of lazy.packages) waiting.delete(other);
    register(lazy.load());
  }
}

/** `pg` for `pg`, `pg/lib/client` and `/app/node_modules/pg/lib/index.js`; undefined for a file of no package. */
export function packageOf(request: string): string | undefined {
  if (typeof request !== 'string' || request.startsWith('.')) return undefined;
  const folder = 'node_modules/';
  const at = request.lastIndexOf(folder);
  if (at < 0 && request.startsWith('/')) return undefined;
  const [first, second] = (at < 0 ? request : request.slice(at + folder.length)).split('/', 2);
  return first?.startsWith('@') ? `${first}/${second}` : first;
}
