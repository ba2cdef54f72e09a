import { sep } from 'node:path';

/** Whether an absolute path is a folder or lies below it, by their texts alone. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
