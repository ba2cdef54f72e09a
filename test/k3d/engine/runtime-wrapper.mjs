// Runs runc for a Docker engine whose root lacks some of root's rights: in a container without CAP_SYS_RESOURCE runc
// can neither drop that capability nor make a process less likely to be killed when memory runs out.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [runc, ...args] = process.argv.slice(2);

function option(...names) {
  const at = args.findIndex((argument) => names.includes(argument));
  if (at >= 0) return args[at + 1];
  const joined = args.find((argument) => names.some((name) => argument.startsWith(`${name}=`)));
  return joined?.slice(joined.indexOf('=') + 1);
}

function soften(file, processOf) {
  const text = JSON.parse(readFileSync(file, 'utf8'));
  const softened = processOf(text);
  for (const [set, names] of Object.entries(softened?.capabilities ?? {}))
    softened.capabilities[set] = names.filter((name) => name !== 'CAP_SYS_RESOURCE');
  if (softened?.oomScoreAdj < 0) softened.oomScoreAdj = 0;
  writeFileSync(file, JSON.stringify(text));
}

if (args.includes('create')) {
  soften(join(option('--bundle', '-b') ?? '.', 'config.json'), (bundle) => bundle.process);
} else if (args.includes('exec')) {
  const file = option('--process', '-p');
  if (file) soften(file, (started) => started);
}
process.exitCode = spawnSync(runc, args, { stdio: 'inherit' }).status ?? 1;
