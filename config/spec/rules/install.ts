import { didYouMean } from '../../../core/suggest.ts';
import { installedServices } from '../installed-services.ts';
import { installSpec } from '../schema/install.ts';
import { key, type Rule, value } from './rule.ts';

/** For which services `install:` runs, and what it fills. */
export const installRules: readonly Rule[] = [
  {
    name: 'install is for a service',
    check: ({ spec, written, serviceNames }) => {
      if (spec.install === undefined) return [];
      const { services } = installSpec(spec.install);
      if (services === undefined) {
        if (
          installedServices(spec).length > 0 ||
          serviceNames.some((name) => written(['services', name, 'runtime']))
        )
          return [];
        const message = 'install needs a service with a runtime, as it runs in the image of one';
        return [
          key(
            ['install'],
            message,
            'name the services that it is for: install: { command: ..., services: [NAME] }',
          ),
        ];
      }
      return services.flatMap((name, index) =>
        serviceNames.includes(name)
          ? []
          : [
              value(
                ['install', 'services', index],
                `install is for ${name}, and there is no such service`,
                didYouMean(name, serviceNames, 'services'),
              ),
            ],
      );
    },
  },
  {
    name: 'no folder of install lies in another',
    check: ({ spec }) => {
      if (spec.install === undefined) return [];
      const { folders } = installSpec(spec.install);
      const plain = folders.map((folder) => `${folder.replace(/^(\.\/)+/, '').replace(/\/+$/, '')}/`);
      return plain.flatMap((folder, index) => {
        const other = plain.findIndex(
          (outer, at) => at < index && (folder.startsWith(outer) || outer.startsWith(folder)),
        );
        return other < 0
          ? []
          : [
              value(
                ['install', 'folders', index],
                `${folders[index]} and ${folders[other]} are the same folder, or one contains the other`,
                'keep the outer one',
              ),
            ];
      });
    },
  },
];
