import type { Finding } from '../../yaml/document.ts';
import { processOf } from '../command-process.ts';
import { key, type Rule, type SpecView, value } from './rule.ts';

/** Fields that belong to a server and mean nothing for a file. */
const postgresOnly = ['migrate', 'seed', 'from', 'extensions', 'server'] as const;
const commands = ['migrate', 'seed'] as const;

/** The parts of `database:` that require or exclude each other. */
export const databaseRules: readonly Rule[] = [
  {
    name: 'sqlite is a file and nothing else',
    check: (view) => {
      if (view.spec.database?.engine !== 'sqlite') return [];
      const missing = view.written(['database', 'file'])
        ? []
        : [
            value(
              ['database', 'engine'],
              'engine sqlite needs a file',
              'add file: PATH, such as data/dev.db',
            ),
          ];
      const others = postgresOnly
        .filter((field) => view.written(['database', field]))
        .map((field) =>
          key(['database', field], `${field} is only for engine postgres, and this is sqlite`, 'remove it'),
        );
      return [...missing, ...others];
    },
  },
  {
    name: 'postgres has no file',
    check: (view) =>
      view.spec.database?.engine === 'postgres' && view.written(['database', 'file'])
        ? [key(['database', 'file'], 'file is only for engine sqlite', 'remove it, or write engine: sqlite')]
        : [],
  },
  {
    name: 'a command of the database runs in something',
    check: (view) => commands.flatMap(inSomething(view)),
  },
  {
    name: 'the environment of a command is its own',
    check: (view) => commands.flatMap((section) => reservedIn(view, section)),
  },
];

function inSomething(view: SpecView): (section: (typeof commands)[number]) => Finding[] {
  return (section) => {
    const place = ['database', section];
    const written = view.spec.database?.[section];
    if (typeof written !== 'object' || Array.isArray(written)) return [];
    if (view.written([...place, 'runtime']) && view.written([...place, 'image']))
      return [value([...place, 'image'], `${section} has both runtime and image`, 'keep one of the two')];
    const { runtime, image } = processOf(view.spec, written);
    if (runtime !== undefined || image !== undefined) return [];
    return [
      key(
        place,
        `${section} has no service whose runtime or image it could run in`,
        'write runtime: node or image: NAME',
      ),
    ];
  };
}

function reservedIn(view: SpecView, section: (typeof commands)[number]): Finding[] {
  const written = view.spec.database?.[section];
  const env = typeof written === 'object' && !Array.isArray(written) ? (written.env ?? {}) : {};
  return Object.keys(env)
    .filter((variable) => variable.startsWith('COPPICE_'))
    .map((variable) =>
      key(
        ['database', section, 'env', variable],
        `${variable}: names starting with COPPICE_ are reserved`,
        'choose another name',
      ),
    );
}
