import type { Finding, Path } from './document.ts';
import { hostPatternProblem } from './names.ts';
import { primaryCandidates, primaryService } from './primary.ts';
import { parseQuantity } from './quantity.ts';
import { referenceProblem, referencesIn, referenceTable } from './references.ts';
import type { ServiceSpec, Spec } from './schema.ts';

/** A spec under examination. Fields that are wrong by themselves are not in `spec`, though they are written. */
export interface SpecView {
  readonly spec: Spec;
  readonly profile: string;
  /** Whether the file says something there, right or wrong: a rule about absence asks this. */
  written(path: Path): boolean;
  /** All names under `services`, wrong ones too. */
  readonly serviceNames: readonly string[];
}

export interface Rule {
  readonly name: string;
  readonly check: (view: SpecView) => Finding[];
}

/** What the schema cannot say: fields that need, exclude or refer to each other. */
export const rules: readonly Rule[] = [
  {
    name: 'a service is either a runtime or an image',
    check: (view) =>
      each(view, (name) => {
        const place = ['services', name];
        const runtime = view.written([...place, 'runtime']);
        const image = view.written([...place, 'image']);
        if (runtime && image) {
          return [
            value(
              [...place, 'image'],
              `service ${name} has both runtime and image`,
              'keep the one that it runs in',
            ),
          ];
        }
        if (runtime || image) return [];
        return [
          key(place, `service ${name} says neither runtime nor image`, 'write runtime: node or image: NAME'),
        ];
      }),
  },
  {
    name: 'a runtime needs a command',
    check: (view) =>
      each(view, (name) => {
        const place = ['services', name];
        if (!view.written([...place, 'runtime']) || view.written([...place, 'image'])) return [];
        if (view.written([...place, 'command'])) return [];
        return [
          key(
            place,
            `service ${name} has a runtime but no command`,
            'write what runs, such as command: node server.js',
          ),
        ];
      }),
  },
  {
    name: 'one service is primary',
    check: (view) => {
      const { services } = view.spec;
      const [first, ...more] = Object.keys(services).filter((name) => services[name]?.primary === true);
      return more.map((name) =>
        value(
          ['services', name, 'primary'],
          `${first} is primary already: one service answers at the environment's host`,
          `keep primary: true on one of ${first}, ${name}`,
        ),
      );
    },
  },
  {
    name: 'several services with ports say which is primary',
    check: (view) => {
      const { services } = view.spec;
      const candidates = primaryCandidates(services);
      const said = Object.keys(services).some((name) => services[name]?.primary === true);
      if (said || candidates.length < 2) return [];
      const names = candidates.join(', ');
      return [
        key(
          ['services'],
          `${names} have ports, and none of them is primary`,
          'write primary: true on the one that people open',
        ),
      ];
    },
  },
  {
    name: 'the primary service has a port',
    check: (view) =>
      each(view, (name, service) =>
        service.primary === true && !view.written(['services', name, 'port'])
          ? [
              value(
                ['services', name, 'primary'],
                `service ${name} is primary but has no port`,
                'add port: NUMBER',
              ),
            ]
          : [],
      ),
  },
  {
    name: 'paths and ready need a port',
    check: (view) =>
      each(view, (name, service) => {
        if (view.written(['services', name, 'port'])) return [];
        const needs = [...(service.paths.length > 0 ? ['paths'] : []), ...(service.ready ? ['ready'] : [])];
        return needs.map((field) =>
          key(['services', name, field], `service ${name} has ${field} but no port`, 'add port: NUMBER'),
        );
      }),
  },
  {
    name: 'paths are for services that are not primary',
    check: (view) => {
      const primary = primaryService(view.spec.services);
      return each(view, (name, service) =>
        name === primary && service.paths.length > 0
          ? [
              key(
                ['services', name, 'paths'],
                `service ${name} is primary: every path that no other service claims is its own`,
                'remove paths',
              ),
            ]
          : [],
      );
    },
  },
  { name: 'no two services claim one path', check: claimedTwice },
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
          const message = `with HOST ${HOST} service ${name} would answer to its own pod only`;
          found.push(value(['services', name, 'env', 'HOST'], message, 'remove it: HOST is 0.0.0.0'));
        }
        return found;
      }),
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
              `${variable}: names with COPPICE_ are reserved`,
              'choose another name',
            ),
          ),
      ),
  },
  { name: 'references exist', check: unknownReferences },
  {
    name: 'the host pattern holds every slug',
    check: (view) => {
      const { host } = view.spec;
      const problem = host === undefined ? undefined : hostPatternProblem(host, view.profile === 'local');
      return problem === undefined
        ? []
        : [value(['host'], `host ${problem}`, 'such as "{slug}.{app}.localhost"')];
    },
  },
  {
    name: 'requests stay within limits',
    check: (view) =>
      each(view, (name, service) =>
        (['cpu', 'memory'] as const).flatMap((kind) => {
          const request = service.resources.requests?.[kind];
          const limit = service.resources.limits?.[kind];
          if (request === undefined || limit === undefined) return [];
          if ((parseQuantity(request) ?? 0) <= (parseQuantity(limit) ?? 0)) return [];
          const place = ['services', name, 'resources', 'requests', kind];
          return [
            value(
              place,
              `service ${name} requests more ${kind} (${request}) than its limit (${limit})`,
              'raise the limit',
            ),
          ];
        }),
      ),
  },
];

function claimedTwice(view: SpecView): Finding[] {
  const claims = new Map<string, string>();
  return each(view, (name, service) =>
    service.paths.flatMap((path, index) => {
      const place = ['services', name, 'paths', index];
      const prefix = path.replace(/\/$/, '');
      if (prefix === '')
        return [value(place, 'the path / belongs to the primary service', 'write a longer path')];
      const other = claims.get(prefix);
      claims.set(prefix, name);
      if (other === undefined) return [];
      const message =
        other === name ? `${path} stands here twice` : `${path} is claimed by service ${other} already`;
      return [value(place, message, 'remove one of them')];
    }),
  );
}

function unknownReferences(view: SpecView): Finding[] {
  const services = view.serviceNames.map((name) => {
    // A port that is wrong by itself still makes an address: one message about it is enough.
    const port = view.spec.services[name]?.port ?? (view.written(['services', name, 'port']) ? 1 : undefined);
    return { name, port };
  });
  const table = referenceTable(services, { slug: '', name: '', namespace: '', branch: '' });
  return each(view, (name, service) =>
    Object.entries(service.env).flatMap(([variable, content]) =>
      referencesIn(content).flatMap((reference) => {
        const problem = referenceProblem(reference, table, view.serviceNames);
        const path = ['services', name, 'env', variable];
        return problem ? [{ path, at: 'value' as const, text: reference.text, ...problem }] : [];
      }),
    ),
  );
}

function each(view: SpecView, check: (name: string, service: ServiceSpec) => Finding[]): Finding[] {
  return Object.entries(view.spec.services).flatMap(([name, service]) => check(name, service));
}

function value(path: Path, message: string, hint: string): Finding {
  return { path, at: 'value', message, hint };
}

function key(path: Path, message: string, hint: string): Finding {
  return { path, at: 'key', message, hint };
}
