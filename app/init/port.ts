import { type Folder, textIn } from './folder.ts';

export interface GuessedPort {
  readonly port: number;
  /** Where the number is from. */
  readonly why: string;
}

/** Files in which programs usually begin to listen, relative to their folder. */
const entries = [
  'index',
  'server',
  'app',
  'main',
  'src/index',
  'src/server',
  'src/app',
  'src/main',
  'bin/www',
  'src/bin/server',
  'api/index',
  'server/index',
  'config/default',
  'src/config/index',
  'config/index',
];
const endings = ['.js', '.ts', '.mjs', '.cjs', '.mts', '', '.json'];

/** `process.env.PORT || 3003`, `PORT ?? '8080'`. */
const fromVariable =
  /(?:env\.PORT|env\[["']PORT["']\]|\bPORT\b)[^\n]{0,20}?(?:\|\||\?\?|:|,)\s*["'`]?(\d{2,5})\b/;
const readsVariable =
  /env\.PORT\b|env\[["']PORT["']\]|\benv\(["']PORT["']|getenv\(["']PORT["']|environ(?:\.get)?[[(]["']PORT["']/i;
const listens =
  /\.listen\(\s*["']?(\d{2,5})\b|\b[pP]ort\s*[:=]\s*["']?(\d{2,5})\b|\bPORT\s*=\s*["']?(\d{2,5})\b/;

/** The port on which a program in a folder listens: its arguments decide, then its code, then the files of variables. */
export async function portOf(folder: Folder, command: string): Promise<GuessedPort | undefined> {
  const [, flag] = /(?:--port[= ]|-p |\bPORT=)["']?(\d{2,5})\b/.exec(command) ?? [];
  if (flag !== undefined) return { port: Number(flag), why: 'the script' };
  const named = [...command.matchAll(/[\w./-]+\.[cm]?[jt]sx?\b|(?:\.\/)?(?:src\/)?bin\/\w+/g)].map(
    ([file]) => file,
  );
  const main = folder.manifest?.main === undefined ? [] : [folder.manifest.main];
  const files = [
    ...named,
    ...main,
    ...entries.flatMap((entry) => endings.map((ending) => `${entry}${ending}`)),
  ];
  for (const file of new Set(files)) {
    const text = await textIn(folder, file);
    if (readsVariable.test(text) && !/\.listen\(\s*["']?\d/.test(text))
      return { port: Number(fromVariable.exec(text)?.[1] ?? 3000), why: `${file}, which reads PORT` };
    const [, ...found] = listens.exec(text) ?? [];
    const port = found.find((one) => one !== undefined);
    if (port !== undefined) return { port: Number(port), why: file };
    if (/\.listen\(/.test(text)) return { port: 3000, why: `${file} listens, the number is a guess` };
  }
  for (const file of ['.env.example', '.env.sample', '.env.development', '.env']) {
    const [, port] =
      /^(?:export )?(?:APP_|SERVER_|HTTP_)?PORT\s*=\s*["']?(\d{2,5})/m.exec(await textIn(folder, file)) ?? [];
    if (port !== undefined) return { port: Number(port), why: file };
  }
  return undefined;
}
