import type { Folder } from './folder.ts';

/** The command behind a script of package.json, which gets SIGTERM itself. */
export interface ScriptCommand {
  /** What runs to its end first, such as `tsc && `; often empty. */
  readonly before: string;
  /** The words of what then runs, as a shell reads them, with variables in front. */
  readonly text: string;
  /** That is one program, so that a shell can be replaced by it. */
  readonly simple: boolean;
}

/**
 * Follows scripts that only run another one (`npm run dev:web`, `pnpm start`), and takes `npx` away: package managers
 * do not pass SIGTERM on, and images may lack them.
 */
export function scriptCommand(folder: Folder, name: string, depth = 0): ScriptCommand | undefined {
  const text = folder.manifest?.scripts?.[name]?.trim();
  return text === undefined || text === '' ? undefined : commandOfLine(folder, text, depth);
}

/** The same for a line that is in no package.json, such as one of a Procfile. */
export function commandOfLine(folder: Folder, text: string, depth = 0): ScriptCommand {
  const next = /^(?:npm run|npm|pnpm run|pnpm|yarn run|yarn|bun run)\s+([\w:.-]+)$/.exec(text)?.[1];
  if (next !== undefined && depth < 5) {
    const followed = scriptCommand(folder, next, depth + 1);
    if (followed !== undefined) return followed;
  }
  const [, before = '', last = text] = /^((?:[^;&|<>`\n$(){}"']+ && )*)([^;&|<>`\n]+)$/.exec(text) ?? [];
  // What enters a folder is about all that follows, and the files that are named are not of ours.
  const chained = before !== '' && !/^(cd|export|source|\.)\s/.test(before);
  const direct = (chained ? last : text).replace(
    /^(?:npx(?: --no-install| --yes| -y)?|pnpm exec|pnpx|yarn exec|bunx|cross-env)\s+/,
    '',
  );
  const simple = !/[;&|<>`\n]|\$\(/.test(direct);
  return { before: chained ? before : '', text: direct, simple };
}

/** The text for `command:` of a script in a folder: the packages' programs are on PATH, and the shell is replaced. */
export function commandText(command: ScriptCommand, path: string, extra: string): string {
  const [, variables = '', rest = command.text] = /^((?:\w+=\S*\s+)*)(.*)$/s.exec(command.text) ?? [];
  const run = `${rest}${extra}`;
  const node = variables === '' && path === '.' && command.before === '' && command.simple;
  if (node && /^node\s/.test(run)) return `exec ${run}`;
  const bins =
    path === '.' ? '/app/node_modules/.bin' : `/app/${path}/node_modules/.bin:/app/node_modules/.bin`;
  const enter = path === '.' ? '' : `cd ${path} && `;
  const assignments = `${variables}PATH=${bins}:$PATH`;
  const last = command.simple ? `exec ${run}` : run;
  return `${enter}export ${assignments.trim()} && ${command.before}${last}`;
}
