import type { Folder } from './folder.ts';
import { expands, type ShellToken, shellTokens } from './shell-words.ts';

/** The command behind a script of package.json, which gets SIGTERM itself. */
export interface ScriptCommand {
  /** What runs to its end first, such as `tsc && `; often empty. */
  readonly before: string;
  /** `NODE_ENV=test`, as a shell reads it, for what then runs. */
  readonly variables: readonly string[];
  /** What then runs: the words as a shell reads them. */
  readonly run: string;
  /** That is one program, so that a shell can be replaced by it. */
  readonly simple: boolean;
}

/** They run the program that they are given, and whoever replaces the shell by that one needs none of them. */
const launchers =
  /^(?:npx(?: --no-install| --yes| -y)?|pnpm exec|pnpx|yarn exec|bunx|exec|(?:cross-env|env)(?=\s+["']?[A-Za-z_]\w*=))\s+/;
const runsScript =
  /^(npm|pnpm|yarn|bun)(?: run| run-script)?(?: -s| --silent)?\s+([\w:.-]+)(?:\s+(--))?(?:\s+(.+))?$/s;
const assignment = /^[A-Za-z_]\w*=/;
/** They are no programs, so nothing can be replaced by them. */
const builtins =
  /^(!|\{|\.|:|alias|cd|command|eval|export|for|if|read|set|source|trap|ulimit|umask|unset|until|while|case)$/;

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
  const start = startOfLast(shellTokens(text) ?? []);
  if (start === undefined) return { before: '', variables: [], run: text, simple: false };
  const before = text.slice(0, start);
  const { variables, run } = withoutLaunchers(text.slice(start));
  const simple = run !== '' && !builtins.test(/^\S*/.exec(run)?.[0] ?? '');
  const followed = simple && depth < 5 ? scriptRunBy(folder, run, depth) : undefined;
  if (followed === undefined || !(followed.simple || before === ''))
    return { before, variables, run, simple };
  return {
    ...followed,
    before: `${before}${followed.before}`,
    variables: [...variables, ...followed.variables],
  };
}

/** The script of `npm run dev -- --open`, with its arguments; undefined for one of another folder. */
function scriptRunBy(folder: Folder, run: string, depth: number): ScriptCommand | undefined {
  const [, manager, name = '', dashes, given = ''] = runsScript.exec(run) ?? [];
  // npm takes what stands before `--` for options of its own, such as `-w web`.
  if (manager === undefined || (manager === 'npm' && dashes === undefined && /(^|\s)-/.test(given)))
    return undefined;
  const script = scriptCommand(folder, name, depth + 1);
  if (script === undefined || given === '') return script;
  return { ...script, run: `${script.run} ${given}` };
}

/** The line without what runs before. */
export function textOf({ variables, run }: ScriptCommand): string {
  return [...variables, run].join(' ');
}

/** Where the last program of `a && b` begins; undefined where the line is more than such a chain. */
function startOfLast(tokens: readonly ShellToken[]): number | undefined {
  const operators = tokens.filter(({ kind }) => kind === 'operator');
  const [first] = tokens;
  if (first === undefined || operators.some(({ text }) => text !== '&&')) return undefined;
  const begins = tokens.filter((_, index) => index === 0 || tokens[index - 1]?.kind === 'operator');
  // What enters a folder is about all that follows, and the files that are named are not of ours.
  if (operators.length > 0 && begins.some(({ text }) => /^(cd|export|source|\.|#.*)$/.test(text)))
    return undefined;
  return tokens.some(({ text }) => text.startsWith('#')) ? undefined : begins.at(-1)?.at;
}

/** `cross-env A="b c" npx next dev` is `next dev` with a variable. */
function withoutLaunchers(line: string): Pick<ScriptCommand, 'variables' | 'run'> {
  const variables: string[] = [];
  let run = line.trim();
  let quoted = false;
  for (;;) {
    const launcher = launchers.exec(run)?.[0];
    if (launcher !== undefined) {
      run = run.slice(launcher.length);
      quoted = true;
    }
    const [word, next] = shellTokens(run) ?? [];
    // A launcher reads `"A=b c"` as a variable too, which the shell takes for a program.
    const written = quoted ? word?.text.replace(/^(["'])([A-Za-z_]\w*=)/, '$2$1') : word?.text;
    if (written !== undefined && assignment.test(written)) {
      variables.push(written);
      run = next === undefined ? '' : run.slice(next.at);
    } else if (launcher === undefined) return { variables, run };
  }
}

/** The text for `command:` of a script in a folder: the packages' programs are on PATH, and the shell is replaced. */
export function commandText(command: ScriptCommand, path: string, extra: string): string {
  const { before, variables, simple } = command;
  const run = `${command.run}${extra}`;
  const node = variables.length === 0 && path === '.' && before === '' && simple;
  if (node && /^node\s/.test(run)) return `exec ${run}`;
  const bins =
    path === '.' ? '/app/node_modules/.bin' : `/app/${path}/node_modules/.bin:/app/node_modules/.bin`;
  const enter = path === '.' ? '' : `cd ${path} && `;
  return `${enter}${exported(variables, `PATH=${bins}:$PATH`)} && ${before}${simple ? `exec ${run}` : run}`;
}

/** A line of another language, with its own words, whose last program replaces the shell. */
export function replacingShell({ before, variables, run, simple }: ScriptCommand, line: string): string {
  const last = line.slice(before.length);
  if (!simple || !line.startsWith(before) || last.startsWith('exec ')) return line;
  return assignment.test(last) ? `${before}${exported(variables)} && exec ${run}` : `${before}exec ${last}`;
}

/** `export` splits what it expands in words, and knows no variable of the same line; an assignment does not. */
function exported(variables: readonly string[], ...path: readonly string[]): string {
  if (!variables.some(expands)) return `export ${[...variables, ...path].join(' ')}`;
  const names = variables.map((variable) => variable.slice(0, variable.indexOf('=')));
  return `${variables.join(' ')} && export ${[...names, ...path].join(' ')}`;
}
