import { pathToFileURL } from 'node:url';
import type { Move } from '../../../core/copy/links.ts';

/** Bytes of the first line of a script beyond which some systems cut it. */
const LONGEST_FIRST_LINE = 127;

/** Whether scripts can have a path between quotation marks as it is. */
export function fitsIntoScripts(path: string): boolean {
  return !/['"$`\\\n]/.test(path);
}

/**
 * A text in which the path of one worktree stands (not `/r/shop` in `/r/shop.feature`), as it must be in another. A script whose first line would have a
 * space in it or be too long finds its interpreter as pip writes it then: by way of the shell.
 */
export function withMovedPaths(text: string, { from, to }: Move): string {
  const urls = { from: pathToFileURL(from).href, to: pathToFileURL(to).href };
  // In one pass: the new path may lie below the old one.
  const either = new RegExp(`(?:(${escaped(urls.from)})|${escaped(from)})(?![\\w.-])`, 'g');
  const moved = text.replace(either, (_, url?: string) => (url === undefined ? to : urls.to));
  return moved === text ? text : withFirstLine(moved);
}

function escaped(path: string): string {
  return path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function withFirstLine(text: string): string {
  const end = text.indexOf('\n');
  const [, interpreter] = /^#!(\/.*\/python[\d.]*)$/.exec(text.slice(0, end)) ?? [];
  if (interpreter !== undefined && (interpreter.includes(' ') || end > LONGEST_FIRST_LINE)) {
    return `#!/bin/sh\n'''exec' "${interpreter}" "$0" "$@"\n' '''${text.slice(end)}`;
  }
  return text.replace(/^(#!\/bin\/sh\n'''exec' )(\/.* .*) ("\$0" "\$@"\n)/, '$1"$2" $3');
}
