import { json, serve } from '../shared/serve.js';
import { failurePage, shopPage } from './page.js';

const { API_URL = 'http://127.0.0.1:4000', ENVIRONMENT = 'this machine' } = process.env;

const html = (status, body) => ({ status, type: 'text/html; charset=utf-8', body });

serve('web', async ({ method, path }) => {
  if (path !== '/' || method !== 'GET') return json(404, { error: `nothing at ${method} ${path}` });
  try {
    const [{ products }, { orders, ...api }] = await Promise.all([ask('/api/products'), ask('/api/orders')]);
    return html(200, shopPage({ environment: ENVIRONMENT, api: { url: API_URL, ...api }, products, orders }));
  } catch (error) {
    const reason = `${error.message}${error.cause ? `: ${error.cause.message || error.cause.code}` : ''}`;
    console.error(`api at ${API_URL} does not answer: ${reason}`);
    return html(502, failurePage({ environment: ENVIRONMENT, url: API_URL, reason }));
  }
});

/** What api answers inside the cluster, within two seconds. */
async function ask(path) {
  const response = await fetch(new URL(path, API_URL), { signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}
