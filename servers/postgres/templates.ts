/** Templates, from which the databases of environments are cloned. */

export { type TemplateTexts, templateRequest } from './templates/identity.ts';
export { ensureTemplate, rebuildTemplate, type Template } from './templates/template.ts';
