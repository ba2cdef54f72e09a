/** Behind the name of an environment that is not there any more. `what`: `logs`, `traces`. */
export function goneMark(gone: boolean, what: string): string {
  return gone ? ` (gone; its ${what} are kept)` : '';
}
