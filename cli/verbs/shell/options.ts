import { value } from '../../define.ts';

export const shellOption = value('shell', 'bash, zsh or fish (default: from $SHELL)');
export const cmd = value('command', 'name of the function (default: wt, and coppice)');
