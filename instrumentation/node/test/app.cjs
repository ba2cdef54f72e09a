const express = require('express');
const { pino } = require('pino');

const log = pino();
const app = express();
app.get('/items/:id', async (request, response) => {
  log.info('item asked');
  const { port } = server.address();
  const inner = await fetch(`http://127.0.0.1:${port}/inner`);
  response.json({ id: request.params.id, inner: await inner.json() });
});
app.get('/inner', (request, response) => response.json({ traceparent: request.headers.traceparent }));
const server = app.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
