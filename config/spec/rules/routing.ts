import { hostPatternProblem } from '../../../core/names.ts';
import type { Finding } from '../../yaml/document.ts';
import { primaryCandidates, primaryService } from '../primary-service.ts';
import { each, key, type Rule, type SpecView, value } from './rule.ts';

/** Which service answers at which host and path. */
export const routingRules: readonly Rule[] = [
  {
    name: 'one service is primary',
    check: (view) => {
      const { services } = view.spec;
      const [first, ...more] = Object.keys(services).filter((name) => services[name]?.primary === true);
      return more.map((name) =>
        value(
          ['services', name, 'primary'],
          `${first} is already primary: only one service answers at the environment's host`,
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
      const chosen = Object.keys(services).some((name) => services[name]?.primary === true);
      if (chosen || candidates.length < 2) return [];
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
    name: 'only a service of HTTP has a URL',
    check: (view) =>
      each(view, (name, service) => {
        const protocol = service.protocol ?? 'http';
        // A pod is asked for its ready path by HTTP/1.1.
        const refused: readonly (string | false)[] = [
          protocol === 'tcp' && service.primary === true && 'primary',
          protocol === 'tcp' && service.paths.length > 0 && 'paths',
          protocol !== 'http' && service.ready !== undefined && 'ready',
        ];
        return refused
          .filter((field) => field !== false)
          .map((field) =>
            key(
              ['services', name, field],
              `service ${name} speaks ${protocol}, so it cannot have ${field}`,
              `remove ${field}, or protocol: ${protocol}`,
            ),
          );
      }),
  },
  {
    name: 'protocol needs a port',
    check: (view) =>
      each(view, (name, service) =>
        service.protocol !== undefined && !view.written(['services', name, 'port'])
          ? [
              key(
                ['services', name, 'protocol'],
                `service ${name} has protocol but no port`,
                'add port: NUMBER',
              ),
            ]
          : [],
      ),
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
    name: 'the host pattern holds every slug',
    check: (view) => {
      const { host } = view.spec;
      const problem = host === undefined ? undefined : hostPatternProblem(host, view.profile === 'local');
      return problem === undefined
        ? []
        : [value(['host'], `host ${problem}`, 'such as "{slug}.{app}.localhost"')];
    },
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
        other === name ? `${path} is listed twice` : `${path} is already claimed by service ${other}`;
      return [value(place, message, 'remove one of them')];
    }),
  );
}
