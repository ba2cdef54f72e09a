import { layOut, type Section } from './layout.ts';
import { linksFrom } from './links.ts';
import { type Dashboard, schemaVersion, type Variable } from './model.ts';

interface Content {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly sections: readonly Section[];
}

/** What all dashboards have in common. */
export function dashboard({ uid, title, description, variables, sections }: Content): Dashboard {
  return {
    uid,
    title,
    description,
    tags: ['coppice'],
    schemaVersion,
    editable: false,
    timezone: 'browser',
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-30m', to: 'now' },
    templating: { list: variables },
    annotations: { list: [] },
    links: linksFrom(uid),
    panels: layOut(sections),
  };
}
