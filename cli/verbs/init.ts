import { dirname, join, relative, resolve } from 'node:path';
import type { Initialized } from '../../app/init/init.ts';
import { verb } from '../define.ts';

export const init = verb({
  usage: 'init [folder]',
  summary: 'write coppice.yaml and Pulumi.yaml for this repository',
  about:
    'Guesses services from package.json, its workspaces, a Procfile or the language of the repository, a database from drivers and migration tools, and `setup:` from the lock file. Writes a commented coppice.yaml, and a short Pulumi project at the top or in infra/ for `pulumi` by hand. Existing files are left as they are.',
  examples: [['wt init', 'then read coppice.yaml, and: wt up']],
  run: async ([folder = '.'], _, { cwd }) => {
    const { initialize } = await import('../../app/init/init.ts');
    const into = resolve(cwd, folder);
    const initialized = await initialize(into);
    const { guessed, written, kept } = initialized;
    return {
      text: report(initialized, relative(cwd, into)),
      json: { folder: into, app: guessed.app, services: guessed.services, written, kept },
    };
  },
});

function report({ guessed, written, kept, specWritten }: Initialized, folder: string): string {
  const lines = [
    ...written.map((file) => `wrote ${join(folder, file)}`),
    ...kept.map((file) => `kept the existing ${join(folder, file)}`),
  ];
  if (specWritten) {
    const names = guessed.services.map(({ name, why }) => `${name} (${why})`).join(', ');
    if (names !== '') lines.push(`guessed ${names}`);
    if (guessed.database) lines.push(`guessed a database (${guessed.database.why})`);
    if (guessed.appFrom !== undefined)
      lines.push(`the app is called ${guessed.app}, from ${guessed.appFrom}`);
    lines.push(...guessed.notes.map((note) => `note: ${note}`));
  }
  const project = [...written, ...kept].find((file) => file.endsWith('Pulumi.yaml'));
  if (project !== undefined) {
    const enter = project === 'Pulumi.yaml' ? '' : `cd ${dirname(join(folder, project))}; `;
    lines.push(`  by hand: eval "$(wt env)"; ${enter}pulumi stack select --create <slug>; pulumi preview`);
  }
  lines.push('  try: read coppice.yaml, then wt up');
  return lines.join('\n');
}
