import type { Filled } from '../../app/worktrees/create/fill.ts';
import { counted } from '../../core/text/counted.ts';
import { size } from '../../core/text/size.ts';

/** What `wt create` says of it. */
export function filledLines({ carried, dependencies }: Filled): string[] {
  const { files, bytes, skipped, hint } = carried;
  const names = carried.carried.slice(0, 5).join(', ');
  const more = carried.carried.length > 5 ? ` and ${carried.carried.length - 5} more` : '';
  return [
    ...(files === 0 ? [] : [`carried  ${names}${more} (${counted(files, 'file')}, ${size(bytes)})`]),
    ...skipped.slice(0, 5).map(({ path, reason }) => `not carried  ${path}: ${reason}`),
    ...(skipped.length > 5 ? [`not carried  ${skipped.length - 5} more, see --json`] : []),
    ...dependencies.prepared.flatMap(preparedLines),
    ...dependencies.unprepared.map(
      ({ folder, lockFile, reason }) => `packages of ${placeOf(folder, lockFile)} not copied: ${reason}`,
    ),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ];
}

function preparedLines({
  folder,
  lockFile,
  manager,
  files,
  bytes,
  unfinished,
}: Filled['dependencies']['prepared'][number]): string[] {
  const { scripts, setupDone } = unfinished;
  const copied = `packages of ${placeOf(folder, lockFile)} copied (${counted(files, 'file')}, ${size(bytes)})`;
  if (scripts.length === 0 || setupDone) return [copied];
  const left = scripts.map((script) => `${manager} run ${script}`).join(' && ');
  return [copied, `left to run, by \`wt up\` if setup: has ${manager}: ${left}`];
}

function placeOf(folder: string, lockFile: string): string {
  return folder === '' ? lockFile : `${folder}/${lockFile}`;
}
