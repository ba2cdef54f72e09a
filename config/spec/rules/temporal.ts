import type { Finding } from '../../yaml/document.ts';
import { referencesIn } from '../references/references.ts';
import { secretReference } from '../references/secrets.ts';
import { reservedAttribute, searchAttributeRoom } from '../search-attributes.ts';
import { key, type Rule, value } from './rule.ts';

/** What a Temporal namespace can hold, and which commands may refer to it. */
export const temporalRules: readonly Rule[] = [
  {
    name: 'search attributes have names of their own',
    check: ({ spec }) =>
      Object.keys(spec.temporal?.searchAttributes ?? {}).flatMap((name) => {
        const why = reservedAttribute(name);
        const place = ['temporal', 'searchAttributes', name];
        return why === undefined
          ? []
          : [key(place, `a search attribute cannot be called ${name}: ${why}`, 'choose another name')];
      }),
  },
  {
    name: 'a namespace has room for its search attributes',
    check: ({ spec: { temporal } }) => {
      // We do not know how much room another server has.
      if (temporal?.server !== 'platform') return [];
      const attributes = Object.entries(temporal.searchAttributes);
      return Object.entries(searchAttributeRoom).flatMap(([type, room]) => {
        const names = attributes.filter(([, other]) => other === type).map(([name]) => name);
        const [first] = names.slice(room);
        if (first === undefined) return [];
        const message = `${names.length} search attributes are of type ${type}, and a namespace has room for ${room}`;
        return [
          value(['temporal', 'searchAttributes', first], message, `remove ${names.length - room} of them`),
        ];
      });
    },
  },
  {
    name: 'a command of the database knows no managed Temporal',
    check: ({ spec: { database, temporal } }) => {
      if (temporal?.server !== 'managed') return [];
      const { migrate, seed } = database ?? {};
      return Object.entries({ migrate, seed }).flatMap(([section, command]) =>
        typeof command === 'object' && !Array.isArray(command) ? managedIn(section, command.env ?? {}) : [],
      );
    },
  },
];

/** It runs in the platform's namespace, which does not contain the environment's Secret. */
function managedIn(section: string, env: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(env).flatMap(([variable, content]) =>
    referencesIn(content)
      .filter(({ name }) => secretReference(name)?.secret === 'temporal')
      .map(({ text }) => ({
        path: ['database', section, 'env', variable],
        at: 'value' as const,
        text,
        message: `${text}: a command of the database does not know where a managed Temporal is`,
        hint: 'remove it, and start workflows from a service',
      })),
  );
}
