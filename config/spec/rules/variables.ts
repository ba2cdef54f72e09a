import type { Path } from '../../yaml/data.ts';
import type { Finding } from '../../yaml/document.ts';
import { protocolOf } from '../protocol.ts';
import {
  type References,
  referenceProblem,
  referencesIn,
  referenceTable,
  refersTo,
} from '../references/references.ts';
import { referredDatabase, referredTemporal } from '../references/referred.ts';
import { refersToSecret } from '../references/secret-text.ts';
import { processesOf, type WrittenProcess } from './processes.ts';
import { each, key, type Rule, type SpecView, value } from './rule.ts';

/** What environment variables may contain. */
export const variableRules: readonly Rule[] = [
  {
    name: 'PORT and HOST agree with port',
    check: (view) =>
      each(view, (name, service) => {
        if (service.port === undefined) return [];
        const found: Finding[] = [];
        const { PORT, HOST } = service.env;
        if (PORT !== undefined && PORT !== String(service.port)) {
          const message = `PORT is ${service.port}, from services.${name}.port: routes would not find the service`;
          found.push(value(['services', name, 'env', 'PORT'], message, 'remove it, or change port'));
        }
        if (HOST !== undefined && /^(localhost|127\..*|::1)$/.test(HOST)) {
          const message = `with HOST ${HOST} service ${name} would only answer inside its own pod`;
          found.push(value(['services', name, 'env', 'HOST'], message, 'remove it: HOST is 0.0.0.0'));
        }
        return found;
      }),
  },
  {
    name: 'a shell passes on every variable',
    check: (view) => processesOf(view.spec).flatMap(unfitForShell),
  },
  {
    name: 'COPPICE_ variables are ours',
    check: (view) =>
      each(view, (name, service) =>
        Object.keys(service.env)
          .filter((variable) => variable.startsWith('COPPICE_'))
          .map((variable) =>
            key(
              ['services', name, 'env', variable],
              `${variable}: names starting with COPPICE_ are reserved`,
              'choose another name',
            ),
          ),
      ),
  },
  {
    name: 'attributes of telemetry are public',
    check: (view) => {
      const table = referencesOf(view);
      return each(view, (name, service) => {
        const { OTEL_RESOURCE_ATTRIBUTES = '' } = service.env;
        if (!refersToSecret(OTEL_RESOURCE_ATTRIBUTES, table)) return [];
        const what = refersTo('database', OTEL_RESOURCE_ATTRIBUTES) ? 'the database' : 'a managed Temporal';
        return [
          value(
            ['services', name, 'env', 'OTEL_RESOURCE_ATTRIBUTES'],
            `OTEL_RESOURCE_ATTRIBUTES is sent with every signal, so it may not refer to ${what}`,
            'remove the reference',
          ),
        ];
      });
    },
  },
  { name: 'references exist', check: unknownReferences },
];

/** POSIX lets a shell drop variables whose names it cannot use, and dash does; bash does not. */
function unfitForShell({ place, what, command, env = {} }: WrittenProcess): Finding[] {
  if (typeof command !== 'string') return [];
  return Object.keys(env)
    .filter((variable) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
    .map((variable) =>
      key(
        [...place, 'env', variable],
        `sh would not pass ${variable} on to ${what}: it drops names with other characters than letters, digits and _`,
        'write command as a list, which needs no shell',
      ),
    );
}

function unknownReferences(view: SpecView): Finding[] {
  const table = referencesOf(view);
  const inServices = each(view, (name, service) => unknownIn(['services', name, 'env'], service.env));
  const { migrate, seed } = view.spec.database ?? {};
  const inDatabase = Object.entries({ migrate, seed }).flatMap(([section, written]) =>
    typeof written === 'object' && !Array.isArray(written)
      ? unknownIn(['database', section, 'env'], written.env ?? {})
      : [],
  );
  return [...inServices, ...inDatabase];

  function unknownIn(place: Path, env: Readonly<Record<string, string>>): Finding[] {
    return Object.entries(env).flatMap(([variable, content]) =>
      referencesIn(content).flatMap((reference) => {
        const problem = referenceProblem(reference, table, view.serviceNames);
        const path = [...place, variable];
        return problem ? [{ path, at: 'value' as const, text: reference.text, ...problem }] : [];
      }),
    );
  }
}

/** What may be referred to. A section that is wrong by itself still counts: one message about it is enough. */
function referencesOf({ spec, serviceNames, written }: SpecView): References {
  const services = serviceNames.map((name) => {
    const service = spec.services[name];
    const port = service?.port ?? (written(['services', name, 'port']) ? 1 : undefined);
    return { name, port, protocol: service && protocolOf(service) };
  });
  const facts = { slug: '', name: '', namespace: '', branch: '' };
  const database = written(['database']) ? { engine: 'postgres' as const } : undefined;
  const temporal = written(['temporal']) ? { server: 'managed' as const } : undefined;
  return referenceTable(services, facts, {
    database: referredDatabase(spec.database) ?? database,
    temporal: referredTemporal(spec.temporal, { address: '', namespace: '' }) ?? temporal,
  });
}
