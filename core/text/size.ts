const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people, in powers of ten as disks are sold: `812 kB`, `8.1 MB`, `1.5 GB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit < 2 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
