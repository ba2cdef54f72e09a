import { invokingUser } from '../../core/user.ts';

/** A command to try, for whoever runs this: root needs no `sudo`, and a container often has none. */
export function adviceFor(text: string, root = isRootItself()): string {
  return root ? text.replace(/\bsudo (?=[\w/])/g, '') : text;
}

/** Not behind `sudo`: then the next command is typed by an ordinary user again. */
function isRootItself(): boolean {
  return process.geteuid?.() === 0 && invokingUser() === undefined;
}
