import type { Entry } from '../layout.ts';

export interface User {
  readonly name: string;
  readonly id: number;
  readonly home: string;
}

export const searchPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const root: User = { name: 'root', id: 0, home: '/root' };
const nobody: User = { name: 'nobody', id: 65534, home: '/nonexistent' };

/** What a shell or a C library expects in every image: users, names, temporary folders. */
export function baseEntries(users: readonly User[] = []): Entry[] {
  const all = [root, ...users, nobody];
  const text = (path: string, lines: readonly string[]): Entry => ({
    kind: 'text',
    path,
    text: `${lines.join('\n')}\n`,
    mode: 0o644,
  });
  const folder = (path: string, mode = 0o755): Entry => ({ kind: 'folder', path, mode });
  return [
    ...[
      'dev',
      'etc',
      'home',
      'proc',
      'run',
      'sys',
      'usr/bin',
      'usr/lib',
      'usr/local/bin',
      'usr/sbin',
      'var',
    ].map((path) => folder(path)),
    folder('root', 0o700),
    folder('tmp', 0o1777),
    folder('var/tmp', 0o1777),
    // One folder each since Debian 12: https://wiki.debian.org/UsrMerge
    ...['bin', 'sbin', 'lib', 'lib64'].map((path): Entry => ({ kind: 'link', path, target: `usr/${path}` })),
    folder('usr/lib64'),
    text(
      'etc/passwd',
      all.map(
        ({ name, id, home }) => `${name}:x:${id}:${id}::${home}:${id === 65534 ? '/bin/false' : '/bin/sh'}`,
      ),
    ),
    text(
      'etc/group',
      all.map(({ name, id }) => `${name}:x:${id}:`),
    ),
    text('etc/nsswitch.conf', ['passwd: files', 'group: files', 'hosts: files dns']),
    ...users.map(({ home, id }): Entry => ({ kind: 'folder', path: home.slice(1), mode: 0o755, owner: id })),
  ];
}

/** A local path's place in an image where `/bin` and its like are links into `/usr`. */
export function merged(path: string): string {
  return path.replace(/^\/?(bin|sbin|lib|lib64)\//, 'usr/$1/').replace(/^\//, '');
}
