import { dirname, join, relative, resolve } from 'node:path';
import type { AdaptedTools } from '../../app/init/adapters/adapt.ts';
import type { Initialized } from '../../app/init/init.ts';
import { ExitCode } from '../../core/errors.ts';
import { flag, type Result, type VerbPorts, values, verb } from '../define.ts';

export const init = verb({
  usage: 'init [folder]',
  summary: 'write coppice.yaml and Pulumi.yaml for this repository',
  about:
    'Guesses services from package.json, its workspaces, a Procfile or the language of the repository, a database from drivers and migration tools, and `setup:` from the lock file. Writes a commented coppice.yaml, and a short Pulumi project at the top or in infra/ for `pulumi` by hand. Existing files are left as they are. With --with it writes instead what other tools (claude, cursor, codex, worktrunk, gtr, conductor, vscode) need to make environments with their worktrees, and a few lines for agents in AGENTS.md: it adds to their files, shows the diff and asks; nothing changes when it runs again.',
  examples: [
    ['wt init', 'then read coppice.yaml, and: wt up'],
    ['wt init --with claude --with vscode', 'hooks and tasks for these tools'],
  ],
  options: {
    with: values('tool', 'write the hook or settings of another tool; several are allowed'),
    yes: flag('with --with: write without asking'),
  },
  run: async ([folder = '.'], { with: tools, yes }, ports) => {
    const { cwd } = ports;
    if (tools.length > 0) return adapt(tools, yes, { ...ports, cwd: resolve(cwd, folder) });
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

async function adapt(tools: readonly string[], yes: boolean, ports: VerbPorts): Promise<Result> {
  const { adaptTools } = await import('../../app/init/adapters/adapt.ts');
  const adapted = await adaptTools({ tools, yes }, ports);
  const { files } = adapted;
  const exitCode = files.some(({ state }) => state === 'by hand') ? ExitCode.problem : ExitCode.ok;
  return { text: adaptReport(adapted), json: adapted, exitCode };
}

function adaptReport({ files, hasSpec }: AdaptedTools): string {
  const words = { created: 'wrote', changed: 'changed', unchanged: 'kept', 'by hand': 'left' } as const;
  return [
    ...files.map(({ file, state, what }) => `${words[state]} ${file}: ${what}`),
    ...(hasSpec
      ? []
      : [
          '  there is no coppice.yaml yet: wt init writes one, and before that they have nothing to bring up',
        ]),
    '  try: commit them; a first `wt up` here asks what coppice.yaml may run, which the tools cannot',
  ].join('\n');
}
