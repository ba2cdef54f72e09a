import { instrumentedIn, runs } from '../instrumented-services.ts';
import type { Instrumented } from '../schema/telemetry.ts';
import { processesOf } from './processes.ts';
import { each, key, type Rule, value } from './rule.ts';

const nothingRuns: Readonly<Record<Instrumented, string>> = {
  node: 'no service has the runtime node, and what an image runs is not known',
  python: 'no service has a command or an image of Python, and what another image runs is not known',
};

/** What loads another instrumentation than ours, and where it is written. */
const besides: Readonly<Record<Instrumented, { text: string; variable?: string }>> = {
  node: { text: '@opentelemetry/auto-instrumentations-node', variable: 'NODE_OPTIONS' },
  python: { text: 'opentelemetry-instrument' },
};

/** What `instrument:` needs, and what it excludes. */
export const telemetryRules: readonly Rule[] = [
  {
    name: 'a service is instrumented where telemetry is kept',
    check: (view) => {
      if (view.written(['telemetry'])) return [];
      return each(view, (name, { telemetry }) =>
        telemetry?.instrument
          ? [
              key(
                ['services', name, 'telemetry'],
                `service ${name} is to be instrumented, and this file has no telemetry: that keeps it`,
                'add telemetry: {} at the top level',
              ),
            ]
          : [],
      );
    },
  },
  {
    name: 'instrument is for a service',
    check: (view) => {
      const { telemetry, services } = view.spec;
      return (telemetry?.instrument || []).flatMap((name, index) =>
        Object.values(services).some((service) => runs(name, service)) ||
        view.serviceNames.some((service) => view.spec.services[service] === undefined)
          ? []
          : [
              value(
                ['telemetry', 'instrument', index],
                nothingRuns[name],
                `name it at the service: telemetry: { instrument: [${name}] }`,
              ),
            ],
      );
    },
  },
  {
    name: 'what is instrumented sends by HTTP',
    check: (view) =>
      each(view, (name, service) => {
        const { OTEL_EXPORTER_OTLP_PROTOCOL: protocol } = service.env;
        if (protocol === undefined || protocol === 'http/protobuf' || protocol.includes('${')) return [];
        if (instrumentedIn(view.spec, service).length === 0) return [];
        return [
          value(
            ['services', name, 'env', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
            `an instrumented service sends http/protobuf, not ${protocol}`,
            'remove it, or give the service telemetry: { instrument: false }',
          ),
        ];
      }),
  },
  {
    name: 'nothing is instrumented twice',
    check: (view) => {
      const commands = new Map(
        processesOf(view.spec).map(({ place, command }) => [place.join('.'), [command].flat().join(' ')]),
      );
      return each(view, (name, service) => {
        const place = ['services', name];
        return instrumentedIn(view.spec, service).flatMap((language) => {
          const { text: other, variable } = besides[language];
          const texts = [
            ...(variable === undefined
              ? []
              : [{ path: [...place, 'env', variable], text: service.env[variable] ?? '' }]),
            { path: [...place, 'command'], text: commands.get(place.join('.')) ?? '' },
          ];
          return texts
            .filter(({ text }) => text.includes(other))
            .map(({ path }) =>
              value(
                path,
                `service ${name} loads ${other}, and is instrumented besides: each request would be two spans`,
                'remove it there, or give the service telemetry: { instrument: false }',
              ),
            );
        });
      });
    },
  },
];
