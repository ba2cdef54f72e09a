import type { IncomingMessage } from 'node:http';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Lazy } from './lazily.ts';

/** What every process has: requests in and out, and what node says of itself. */
export function instrumentations(): Instrumentation[] {
  return [
    new HttpInstrumentation({ ignoreIncomingRequestHook: isProbe }),
    new UndiciInstrumentation(),
    new RuntimeNodeInstrumentation(),
  ];
}

/** The node asks every second whether a pod is ready. */
function isProbe({ headers }: IncomingMessage): boolean {
  return headers['user-agent']?.startsWith('kube-probe/') ?? false;
}

type Express = typeof import('@opentelemetry/instrumentation-express');
type IoRedis = typeof import('@opentelemetry/instrumentation-ioredis');
type Koa = typeof import('@opentelemetry/instrumentation-koa');
type MongoDb = typeof import('@opentelemetry/instrumentation-mongodb');
type MySql2 = typeof import('@opentelemetry/instrumentation-mysql2');
type Nest = typeof import('@opentelemetry/instrumentation-nestjs-core');
type Pg = typeof import('@opentelemetry/instrumentation-pg');
type Pino = typeof import('@opentelemetry/instrumentation-pino');
type Redis = typeof import('@opentelemetry/instrumentation-redis');
type Winston = typeof import('@opentelemetry/instrumentation-winston');

/** `require` here is the bundle's own: each text is run when it is first asked for. */
export const lazyInstrumentations: readonly Lazy<Instrumentation>[] = [
  {
    packages: ['express'],
    load: () => {
      const { ExpressInstrumentation, ExpressLayerType } =
        require('@opentelemetry/instrumentation-express') as Express;
      // A span for every middleware says little and hides the rest; the route is found without them.
      return new ExpressInstrumentation({
        ignoreLayersType: [ExpressLayerType.MIDDLEWARE, ExpressLayerType.ROUTER],
      });
    },
  },
  {
    packages: ['koa', '@koa/router', 'koa-router'],
    load: () => new (require('@opentelemetry/instrumentation-koa') as Koa).KoaInstrumentation(),
  },
  {
    packages: ['@nestjs/core'],
    load: () => new (require('@opentelemetry/instrumentation-nestjs-core') as Nest).NestInstrumentation(),
  },
  {
    packages: ['pg', 'pg-pool'],
    load: () => new (require('@opentelemetry/instrumentation-pg') as Pg).PgInstrumentation(),
  },
  {
    packages: ['mysql2'],
    load: () => new (require('@opentelemetry/instrumentation-mysql2') as MySql2).MySQL2Instrumentation(),
  },
  {
    packages: ['mongodb'],
    load: () => new (require('@opentelemetry/instrumentation-mongodb') as MongoDb).MongoDBInstrumentation(),
  },
  {
    packages: ['redis', '@redis/client', '@node-redis/client'],
    load: () => new (require('@opentelemetry/instrumentation-redis') as Redis).RedisInstrumentation(),
  },
  {
    packages: ['ioredis'],
    load: () => new (require('@opentelemetry/instrumentation-ioredis') as IoRedis).IORedisInstrumentation(),
  },
  {
    packages: ['pino'],
    load: () =>
      new (require('@opentelemetry/instrumentation-pino') as Pino).PinoInstrumentation({
        disableLogSending: true,
      }),
  },
  {
    packages: ['winston'],
    load: () =>
      new (require('@opentelemetry/instrumentation-winston') as Winston).WinstonInstrumentation({
        disableLogSending: true,
      }),
  },
];

/** What is wrapped where it is imported as an ES module; anything else is imported as it is. */
export const hookedModules: readonly string[] = [
  ...['http', 'https', 'node:http', 'node:https'],
  ...lazyInstrumentations.flatMap(({ packages }) => packages),
];
