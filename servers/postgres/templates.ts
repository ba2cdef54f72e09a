/** Templates: what a database of an environment is cloned from. */

export { type TemplateTexts, templateRequest } from './templates/identity.ts';
export { ensureTemplate, rebuildTemplate, type Template } from './templates/template.ts';
