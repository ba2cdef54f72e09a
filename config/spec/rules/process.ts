import { parseQuantity } from '../quantity.ts';
import { each, key, type Rule, value } from './rule.ts';

/** A service's image or runtime, and its resources. */
export const processRules: readonly Rule[] = [
  {
    name: 'a service is either a runtime or an image',
    check: (view) =>
      each(view, (name) => {
        const place = ['services', name];
        const runtime = view.written([...place, 'runtime']);
        const image = view.written([...place, 'image']);
        if (runtime && image) {
          return [
            value([...place, 'image'], `service ${name} has both runtime and image`, 'keep one of the two'),
          ];
        }
        if (runtime || image) return [];
        return [
          key(place, `service ${name} has neither runtime nor image`, 'write runtime: node or image: NAME'),
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
