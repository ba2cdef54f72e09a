import { isName, isSlug } from '../../core/names.ts';

/** `shop/feat-login`: an environment of any repository. */
export interface FullName {
  readonly app: string;
  readonly slug: string;
}

/** The full name that a text is; undefined when it can only be a branch or a path. */
export function parseFullName(text: string): FullName | undefined {
  const [app, slug, ...more] = text.split('/');
  if (app === undefined || slug === undefined || more.length > 0) return undefined;
  return isName(app) && isSlug(slug) ? { app, slug } : undefined;
}
