import { basename } from 'node:path';
import type { HookEvent } from '../../../config/spec/schema/spec.ts';
import { defined } from '../../../core/defined.ts';
import { slugOf } from '../../../core/names.ts';

/** What a hook is about. The one for `deleted` gets the same values as the one for `created` did. */
export interface HookContext {
  /** Absolute path of git's common directory: what one repository was allowed, another was not. */
  readonly repository: string;
  /** Absolute path of the main worktree, or of a bare repository. */
  readonly main: string;
  /** Absolute path of the worktree, even where its folder is gone. */
  readonly worktree: string;
  /** Its branch, or its own name when HEAD is detached. */
  readonly branch: string;
  /**
   * Where the commands run, and at or above which coppice.yaml is looked for: the worktree when absent, or the main
   * worktree where that is gone.
   */
  readonly folder?: string;
  readonly defaultBranch?: string;
  /** What its branch was created from: `main`, `origin/main`, `v1.2`. */
  readonly base?: string;
}

/** What coppice.yaml adds. */
export interface HookApp {
  readonly app: string;
  /** Of the primary service, whether it answers already or not; absent without one. */
  readonly url?: string;
}

/** The JSON document on a hook's standard input; every key that has a value is also a variable. */
export interface HookDocument {
  readonly event: HookEvent;
  readonly branch: string;
  readonly slug: string;
  readonly worktree: string;
  /** Absolute path of the main worktree, or of a bare repository. */
  readonly repository: string;
  readonly repositoryName: string;
  readonly defaultBranch?: string;
  readonly base?: string;
  readonly app: string;
  readonly url?: string;
}

export function hookDocument(event: HookEvent, context: HookContext, { app, url }: HookApp): HookDocument {
  const { branch, worktree, main, defaultBranch, base } = context;
  return {
    event,
    branch,
    slug: slugOf(branch),
    worktree,
    repository: main,
    repositoryName: basename(main).replace(/\.git$/, ''),
    app,
    ...defined({ defaultBranch, base, url }),
  };
}

/** `COPPICE_DEFAULT_BRANCH` for `defaultBranch`. What is not known is unset, even where this process has it. */
export function hookVariables(document: HookDocument): NodeJS.ProcessEnv {
  const names: Readonly<Record<keyof HookDocument, string>> = {
    event: 'COPPICE_EVENT',
    branch: 'COPPICE_BRANCH',
    slug: 'COPPICE_SLUG',
    worktree: 'COPPICE_WORKTREE',
    repository: 'COPPICE_REPOSITORY',
    repositoryName: 'COPPICE_REPOSITORY_NAME',
    defaultBranch: 'COPPICE_DEFAULT_BRANCH',
    base: 'COPPICE_BASE',
    app: 'COPPICE_APP',
    url: 'COPPICE_URL',
  };
  const entries = Object.entries(names) as [keyof HookDocument, string][];
  return Object.fromEntries(entries.map(([key, name]) => [name, document[key]]));
}
