/** A colour for each environment, so that two of them can be told apart at a glance. */
function hueOf(environment) {
  let hash = 0;
  for (const character of environment) hash = (hash * 31 + character.codePointAt(0)) % 360;
  return hash;
}

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const text = (value) => String(value).replace(/[&<>"']/g, (character) => escapes[character]);
const money = (cents) => `€ ${(cents / 100).toFixed(2)}`;

function page(environment, content) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(environment)}</title>
<link rel="icon" href="data:,">
<style>
  :root { --hue: ${hueOf(environment)}; color-scheme: light dark }
  body { margin: 0 auto; max-width: 44rem; padding: 0 1.25rem 3rem; font: 1rem/1.5 system-ui, sans-serif }
  header { margin: 0 -1.25rem; padding: 1rem 1.25rem; background: hsl(var(--hue) 55% 30%); color: #fff; border-radius: 0 0 .75rem .75rem }
  header p { margin: 0; opacity: .8 }
  h1 { margin: 0; font-size: 1.6rem; overflow-wrap: anywhere }
  h2 { margin: 2rem 0 .5rem; font-size: 1.1rem }
  table { width: 100%; border-collapse: collapse }
  th, td { padding: .5rem 0; border-bottom: 1px solid #8884; text-align: left }
  td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; padding-left: 1rem }
  button { font: inherit; padding: .2rem .8rem; border: 0; border-radius: .4rem; background: hsl(var(--hue) 55% 35%); color: #fff; cursor: pointer }
  button:disabled { opacity: .4; cursor: default }
  footer, .quiet { opacity: .7; font-size: .9rem }
  code { font-size: .9em }
</style>
</head>
<body>
<header><p>shop, environment</p><h1>${text(environment)}</h1></header>
${content}
</body>
</html>
`;
}

const ended = ['shipped', 'rejected'];
const said = { rejected: 'rejected: not as many were left' };

/** The shop, with what api answered. */
export function shopPage({ environment, api, products, orders }) {
  const rows = products.map(
    ({ id, name, price, stock }) => `<tr><td>${text(name)}</td><td class="number">${money(price)}</td>
<td class="number">${text(stock)}</td>
<td class="number"><button data-product="${text(id)}"${stock > 0 ? '' : ' disabled'}>Order</button></td></tr>`,
  );
  const past = orders.map(
    ({ id, product, quantity, total, status }) =>
      `<tr><td>${text(id)}</td><td>${text(quantity)} × ${text(product)}</td><td>${text(said[status] ?? status)}</td>
<td class="number">${money(total)}</td></tr>`,
  );
  // Without Temporal nobody goes on with an order.
  const underWay = api.temporal !== null && orders.some(({ status }) => !ended.includes(status));
  return page(
    environment,
    `<main id="shop"${underWay ? ' data-under-way' : ''}>
<h2>Products</h2>
<table>
<tr><th>Product</th><th class="number">Price</th><th class="number">Stock</th><th></th></tr>
${rows.join('\n')}
</table>
<h2>Orders</h2>
${past.length > 0 ? `<table>\n${past.join('\n')}\n</table>` : '<p class="quiet">None yet.</p>'}
${api.trouble ? `<p role="alert">Orders wait. ${text(api.trouble)}</p>` : ''}
</main>
<p id="trouble" role="alert"></p>
<footer>Asked from <code>${text(api.url)}</code> inside the cluster; <code>api</code> answered from ${text(api.environment)}
with ${api.database ? `its database <code>${text(api.database)}</code>` : 'no database, out of its memory'}${
      api.temporal
        ? `; <code>worker</code> takes orders of the namespace <code>${text(api.temporal)}</code>`
        : ''
    }.
Edit <code>web/page.js</code> or <code>api/server.js</code> and load again.</footer>
<script>
  // What is under way is asked for again by itself.
  const shop = () => document.getElementById('shop');
  const later = () => 'underWay' in shop().dataset && setTimeout(show, 1000);
  async function show() {
    const page = await fetch('/').then((answer) => answer.text(), () => '');
    const now = new DOMParser().parseFromString(page, 'text/html').getElementById('shop');
    if (now) shop().replaceWith(now);
    later();
  }
  later();
  document.addEventListener('click', async ({ target }) => {
    const product = Number(target.dataset.product);
    if (!product) return;
    const answer = await fetch('/api/orders', { method: 'POST', body: JSON.stringify({ product }) });
    document.getElementById('trouble').textContent = answer.ok ? '' : (await answer.json()).error;
    await show();
  });
</script>`,
  );
}

/** Said instead of the shop while api does not answer. */
export function failurePage({ environment, url, reason }) {
  return page(
    environment,
    `<h2>The shop is closed for a moment</h2>
<p><code>api</code> at <code>${text(url)}</code> does not answer: ${text(reason)}</p>
<p class="quiet">Load again once it is back; <code>wt status</code> and <code>wt logs api</code> say why.</p>`,
  );
}
